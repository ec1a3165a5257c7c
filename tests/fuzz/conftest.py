"""`make fuzz` names this profile; without it each run of the tests takes the small one."""

from hypothesis import settings

settings.register_profile("fuzz", max_examples=50_000, deadline=None)
