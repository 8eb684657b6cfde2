-- a comment; with a semicolon
update stock set amount = amount + 1 where name <> 'a;b';   /* one /* two */ ; */
create function twice(n int) returns int language sql begin atomic
  select case when n > 0 then 2 * n else 0 end;
end;
do $do$ begin raise notice 'look; here'; end $do$;
