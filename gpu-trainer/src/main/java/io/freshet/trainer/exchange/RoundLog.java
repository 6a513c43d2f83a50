package io.freshet.trainer.exchange;

import io.freshet.trainer.exchange.ExchangeMessage.Close;
import io.freshet.trainer.exchange.ExchangeMessage.Delta;
import io.freshet.trainer.exchange.ExchangeMessage.Join;
import io.freshet.trainer.exchange.ExchangeMessage.Leave;
import io.freshet.trainer.exchange.ExchangeMessage.State;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a prefix of the log means: which round is open, who is waited for, what was delivered. A
 * function of the messages and their order alone, so all who read the same prefix agree. Repeated,
 * late and stale messages change nothing.
 *
 * <ul>
 *   <li>A worker that joins while nothing was delivered in a round is waited for in that round;
 *       else from the next one on.
 *   <li>A delta counts if it is of the open round, from a member, and its first.
 *   <li>A round ends when all that are waited for have delivered, or at the first {@link Close} of
 *       a worker that has; who had not delivered then is a member no more and joins again.
 * </ul>
 *
 * <p>Not thread-safe.
 */
public final class RoundLog {
  private final Map<String, Long> members = new LinkedHashMap<>();
  private final Map<String, Delta> delivered = new LinkedHashMap<>();
  private Optional<String> founder = Optional.empty();
  private Optional<State> newestState = Optional.empty();
  private long round;
  private long ignored;

  /** Takes the next message in; the round that ended with it, if one did. */
  public Optional<ClosedRound> accept(ExchangeMessage message) {
    if (message instanceof Join join) {
      return join(join.worker());
    } else if (message instanceof Leave leave) {
      members.remove(leave.worker());
      return endIfComplete();
    } else if (message instanceof Delta delta) {
      return deliver(delta);
    } else if (message instanceof Close close) {
      return close(close);
    }
    return know((State) message);
  }

  private Optional<ClosedRound> join(String worker) {
    if (founder.isEmpty()) {
      founder = Optional.of(worker);
    }
    members.putIfAbsent(worker, delivered.isEmpty() ? round : round + 1);
    return Optional.empty();
  }

  private Optional<ClosedRound> deliver(Delta delta) {
    boolean counts =
        delta.round() == round
            && members.containsKey(delta.worker())
            && delivered.putIfAbsent(delta.worker(), delta) == null;
    if (!counts) {
      ignored++;
    }
    return endIfComplete();
  }

  private Optional<ClosedRound> close(Close close) {
    if (close.round() != round || !delivered.containsKey(close.worker())) {
      return Optional.empty();
    }
    members
        .entrySet()
        .removeIf(member -> awaited(member) && !delivered.containsKey(member.getKey()));
    return Optional.of(end());
  }

  private Optional<ClosedRound> know(State state) {
    if (state.round() <= round && newestState.map(State::round).orElse(-1L) < state.round()) {
      newestState = Optional.of(state);
    }
    return Optional.empty();
  }

  private Optional<ClosedRound> endIfComplete() {
    boolean complete =
        !delivered.isEmpty()
            && members.entrySet().stream()
                .filter(this::awaited)
                .allMatch(member -> delivered.containsKey(member.getKey()));
    return complete ? Optional.of(end()) : Optional.empty();
  }

  private boolean awaited(Map.Entry<String, Long> member) {
    return member.getValue() <= round;
  }

  private ClosedRound end() {
    ClosedRound closed = new ClosedRound(round, List.copyOf(delivered.values()));
    delivered.clear();
    round++;
    return closed;
  }

  /** The open round, from 0. */
  public long round() {
    return round;
  }

  public boolean isMember(String worker) {
    return members.containsKey(worker);
  }

  /** The first that ever joined, whose parameters all start from. */
  public Optional<String> founder() {
    return founder;
  }

  /** The state to begin with for one who joins; of several for a round the first. */
  public Optional<State> newestState() {
    return newestState;
  }

  /** Deltas that came too late, twice or from a stranger. */
  public long ignored() {
    return ignored;
  }
}
