DROP VIEW model_ratings;
DROP TABLE feedback;
