from .base import Base
from . import tools
