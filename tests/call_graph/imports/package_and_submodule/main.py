import shop.cart
from shop import orders

shop.cart.add()
orders.place()
