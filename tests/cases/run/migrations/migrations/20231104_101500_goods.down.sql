drop table goods;
