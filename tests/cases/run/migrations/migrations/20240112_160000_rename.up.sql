alter table goods rename column name to title;
create function twice(n int) returns int language plpgsql as $$
begin
  return 2 * n;
end;
$$;
