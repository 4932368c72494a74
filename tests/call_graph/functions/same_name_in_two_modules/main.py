import left
import right


left.run()
right.run()
