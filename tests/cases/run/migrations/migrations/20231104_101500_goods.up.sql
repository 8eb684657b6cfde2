create table goods (id int primary key, name text);
