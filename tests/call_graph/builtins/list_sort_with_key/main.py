class Job:
    def __init__(self, rank):
        self.rank = rank


def rank_of(job):
    return job.rank


jobs = [Job(2), Job(1)]
jobs.sort(key=rank_of)
