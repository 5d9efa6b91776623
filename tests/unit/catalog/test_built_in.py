from __future__ import annotations

from kelp.catalog.tables import StandardBuiltInTables, StandardTables
from kelp.kql.types import ScalarType
from kelp.resources.table import TableColumn


def test_standard_tables_are_found_in_any_case(standard_tables: StandardTables) -> None:
    built_in = StandardBuiltInTables(standard_tables)
    syslog = built_in.find_built_in("SYSLOG")
    assert syslog is not None
    assert syslog.name == "Syslog"
    assert TableColumn("SyslogMessage", ScalarType.STRING) in syslog.columns
    assert built_in.find_built_in("syslog") is syslog
    assert built_in.find_built_in("Orders_CL") is None


def test_all_are_listed_in_order(standard_tables: StandardTables) -> None:
    names = [table.name for table in StandardBuiltInTables(standard_tables).iter_built_in()]
    assert names == list(standard_tables.names())


def test_tables_that_offer_the_basic_plan_are_known(standard_tables: StandardTables) -> None:
    built_in = StandardBuiltInTables(standard_tables)
    container_log, heartbeat = built_in.find_built_in("ContainerLogV2"), built_in.find_built_in("Heartbeat")
    assert container_log is not None
    assert container_log.supports_basic_plan
    assert heartbeat is not None
    assert not heartbeat.supports_basic_plan
