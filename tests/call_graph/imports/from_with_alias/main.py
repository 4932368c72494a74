from helper import work as job
import helper as tools

job()
tools.other()
