"""How a fault of docs/faults.md is made to happen: scenarios, by the name that their row begins with."""

from collections.abc import Awaitable, Callable

from e2e.faults.scene import Scene

from sandbox.stage import Ending

Scenario = Callable[[Scene], Awaitable[Ending | list[Ending] | None]]


def keeper(scenarios: dict[str, Scenario]) -> Callable[[str], Callable[[Scenario], Scenario]]:
    """A decorator that keeps what it decorates in `scenarios`, under the fault's name."""

    def fault(name: str) -> Callable[[Scenario], Scenario]:
        def keep(scenario: Scenario) -> Scenario:
            assert name not in scenarios
            scenarios[name] = scenario
            return scenario

        return keep

    return fault
