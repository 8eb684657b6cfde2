drop index goods_by_name;
