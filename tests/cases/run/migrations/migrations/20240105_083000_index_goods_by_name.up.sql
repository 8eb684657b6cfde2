create index goods_by_name on goods (name);
