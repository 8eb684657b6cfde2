insert into stock values (1);

insert into stock
  select é from stock;
