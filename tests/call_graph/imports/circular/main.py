import first

first.begin()
