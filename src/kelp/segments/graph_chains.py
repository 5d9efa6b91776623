"""Chains of edges: `-[e*1..5]->` followed hop by hop from all matches at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kelp.kql.graph_pattern import Cycles
from kelp.segments.graph_matches import Matches, check_size, join_matches, lacks_in_chain, turn_chain

if TYPE_CHECKING:
    from kelp.segments.graph_adjacency import Adjacency, Numbers, Truths


@dataclass(frozen=True, slots=True)
class ChainStep:
    """How to go along a chain, from a variable that is bound.

    `stop` is where it ends, `stop_allowed` and `inner_allowed` what it may pass; `is_turned` where it is
    followed from the end that the text names second.
    """

    edge: int
    start: int
    stop: int
    hops: tuple[int, int]
    adjacency: Adjacency
    stop_allowed: Truths
    inner_allowed: Truths
    cycles: Cycles
    is_turned: bool


@dataclass(slots=True)
class _Front:
    """Chains so far: of which match, the edges and nodes gone along, and the node they have come to."""

    places: Numbers
    at: Numbers
    chain: Numbers
    passed: Numbers

    def take(self, rows: Numbers | Truths) -> _Front:
        return _Front(self.places[rows], self.at[rows], self.chain[rows], self.passed[rows])

    @property
    def size(self) -> tuple[int, int]:
        return len(self.at), 2 + self.chain.shape[1] + self.passed.shape[1]


def expand_chain(matches: Matches, step: ChainStep) -> Matches:
    """Return the matches with the chain and the node at its end."""
    low, high = step.hops
    is_closing = step.stop in matches.nodes
    ends = _mask(matches.nodes[step.stop], len(step.stop_allowed)) if is_closing else step.stop_allowed
    reach = reaching(step.adjacency, ends, step.inner_allowed, high)
    start = np.arange(matches.count)
    nothing = np.empty((matches.count, 0), dtype=np.int64)
    front = _Front(start, matches.nodes[step.start], nothing, nothing)
    found = [_finished(matches, step, front)] if low == 0 else []
    for hop in range(1, high + 1):
        if hop > 1:
            front = front.take(step.inner_allowed[front.at])
        if len(front.at) == 0:
            break
        front = _advance(matches, step, front, reach[high - hop])
        if hop >= low and not (is_closing and step.cycles is Cycles.NONE):
            found.append(_finished(matches, step, front))
        check_size([front.size, *((part.count, part.width) for part in found)])
    if not found:
        empty = _Front(start[:0], start[:0], nothing[:0], nothing[:0])
        return _finished(matches, step, empty)
    return join_matches(found)


def reaching(adjacency: Adjacency, ends: Truths, inner: Truths, hops: int) -> list[Truths]:
    """Return for 0, 1, ... hops from which nodes one of the ends is reached in no more than that."""
    reach = [ends]
    sources = np.repeat(np.arange(len(ends)), np.diff(adjacency.starts))
    for _ in range(hops):
        good = ends | (inner & reach[-1])
        more = reach[-1].copy()
        more[sources[good[adjacency.ends]]] = True
        reach.append(more)
    return reach


def _mask(nodes: Numbers, count: int) -> Truths:
    mask = np.zeros(count, dtype=np.bool_)
    mask[nodes] = True
    return mask


def _advance(matches: Matches, step: ChainStep, front: _Front, reach: Truths) -> _Front:
    """Return the chains with one more edge, those from which an end can still be reached."""
    parts: list[tuple[Numbers, Numbers, Numbers]] = []
    count = 0
    for rows, edges, ends in step.adjacency.follow(front.at):
        keep = reach[ends]
        match step.cycles:
            case Cycles.ALL:
                pass
            case Cycles.UNIQUE_EDGES:
                keep &= lacks_in_chain(front.chain, rows, edges)
                keep &= matches.lacks_edge(front.places[rows], edges)
            case Cycles.NONE:
                keep &= lacks_in_chain(front.passed, rows, ends)
                keep &= matches.lacks_node(front.places[rows], ends)
        parts.append((rows[keep], edges[keep], ends[keep]))
        count += int(keep.sum())
        check_size([(count, front.size[1] + 2)])
    if not parts:
        return front.take(np.empty(0, dtype=np.int64))
    rows, edges, ends = (np.concatenate([part[index] for part in parts]) for index in range(3))
    passed = front.passed[rows]
    if step.cycles is Cycles.NONE:
        passed = np.column_stack([passed, ends])
    return _Front(front.places[rows], ends, np.column_stack([front.chain[rows], edges]), passed)


def _finished(matches: Matches, step: ChainStep, front: _Front) -> Matches:
    """Return the matches of the chains that have come to where they may end."""
    if step.stop in matches.nodes:
        keep = matches.nodes[step.stop][front.places] == front.at
    else:
        keep = step.stop_allowed[front.at]
    front = front.take(keep)
    done = matches.take(front.places)
    done.nodes[step.stop] = front.at
    done.chains[step.edge] = turn_chain(front.chain) if step.is_turned else front.chain
    if step.cycles is Cycles.NONE:
        done.passed[step.edge] = front.passed
    return done
