from app.main_part import start

start()
