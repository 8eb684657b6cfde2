DROP TABLE models;
DROP TABLE customers;
DROP TABLE schema_versions;
