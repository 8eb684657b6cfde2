\connect other
select 1;
