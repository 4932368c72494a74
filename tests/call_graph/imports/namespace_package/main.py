import space.part.module

space.part.module.run()
