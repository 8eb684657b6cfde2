-- keeps half
insert into stock values (1);
 commit;
