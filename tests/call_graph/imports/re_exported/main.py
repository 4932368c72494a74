from api import connect

connect()
