alter table goods rename column title to name;
drop function twice(int);
