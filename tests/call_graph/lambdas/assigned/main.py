double = lambda value: value * 2
double(1)
