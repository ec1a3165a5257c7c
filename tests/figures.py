"""A burst, and what a load run and a soak measure where all is well."""

from sandbox.load import Burst, Figures
from sandbox.soak import Course
from sandbox.vitals import Vitals

# Played by a test: it lasts a few seconds, and so the last picture's own second weighs more than in a long one.
BURST = Burst(commands=120, people=30, heavy=20, per_minute=900, within_s=2.0)
FIGURES = Figures(
    taken=120,
    delivered=120,
    ack_p50_s=0.01,
    ack_p99_s=0.1,
    ack_worst_s=0.2,
    calls_share=0.99,
    refused_calls=0,
    memory_idle_mib=80.0,
    memory_peak_mib=90.0,
    round_s=2.0,
    light_first_s=3.0,
    light_last_s=8.0,
    heavy_last_s=9.0,
)
WELL = Vitals(memory_mib=80.0, files=50, threads=4, connections=1, tasks=8)
COURSE = Course(
    readings=[WELL] * 10,
    states={"delivered": 200},
    wrong=0,
    untold=0,
    seen=200,
    mishaps={"service busy": 2, "answer lost": 1},
    took_s=42.0,
)
