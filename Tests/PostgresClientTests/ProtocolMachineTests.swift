import EventLoop
import Testing

@testable import PostgresClient

struct ProtocolMachineTests {
  private static let boom = PostgresError(.refused, state: "22012", "division by zero")
  private static let struck = PostgresError(.refused, state: "57014", "canceling statement due to user request")

  /// A machine that has seen some events; the last action is checked by the tests.
  private func after(_ events: ProtocolEvent...) -> ProtocolMachine {
    var machine = ProtocolMachine()
    for event in events { _ = machine.received(event) }
    return machine
  }

  private func connected(_ events: ProtocolEvent...) -> ProtocolMachine {
    var machine = after(.open, .started(true), .polled(.done))
    for event in events { _ = machine.received(event) }
    return machine
  }

  /// One that waits for the answer to a statement.
  private func waiting(_ traits: StatementTraits = StatementTraits(), _ events: ProtocolEvent...) -> ProtocolMachine {
    var machine = connected(.statement(traits), .looked(.alive), .sent(.alive), .flushed(.done), .answer(.busy))
    for event in events { _ = machine.received(event) }
    return machine
  }

  // MARK: Connecting

  @Test func `connecting polls as the socket becomes ready`() {
    var machine = ProtocolMachine()
    #expect(machine.received(.open) == .start)
    #expect(machine.received(.started(true)) == .wait(.writable, until: .connect))
    #expect(machine.received(.ready) == .poll)
    #expect(machine.received(.polled(.reading)) == .wait(.readable, until: .connect))
    #expect(machine.received(.ready) == .poll)
    #expect(machine.received(.polled(.writing)) == .wait(.writable, until: .connect))
    #expect(machine.received(.ready) == .poll)
    #expect(machine.received(.polled(.done)) == .opened)
    #expect(machine.state == .idle)
    #expect(machine.transaction == .idle)
    #expect(machine.received(.open) == .opened)
  }

  @Test func `a password is asked for once`() {
    var machine = after(.open, .started(true), .ready)
    let refused = ProtocolEvent.polled(.failed("no password supplied", needsPassword: true))
    #expect(machine.received(refused) == .askPassword)
    #expect(machine.received(.password(true)) == .start)
    #expect(machine.received(.started(true)) == .wait(.writable, until: .connect))
    #expect(machine.received(refused) == .close(.unreachable("no password supplied", needsPassword: true)))
    #expect(machine.state == .closed)
  }

  @Test func `without a password the error says that one is wanted`() {
    var machine = after(.open, .started(true), .polled(.failed("no password supplied", needsPassword: true)))
    guard case .close(let error) = machine.received(.password(false)) else { return #expect(Bool(false)) }
    #expect(error.kind == .unreachable)
    #expect(error.needsPassword)
  }

  @Test(arguments: [ProtocolEvent.timeUp, .interrupted, .polled(.failed("refused", needsPassword: false))])
  func `what keeps a connection from standing closes it`(event: ProtocolEvent) {
    var machine = after(.open, .started(true))
    guard case .close(let error) = machine.received(event) else { return #expect(Bool(false)) }
    #expect(error.kind == (event == .interrupted ? .cancelled : .unreachable))
    #expect(machine.state == .closed)
    guard case .refuse(let second) = machine.received(.statement(StatementTraits())) else {
      return #expect(Bool(false))
    }
    #expect(second.kind == .dropped)
  }

  // MARK: Statements

  @Test func `a statement is looked for, sent, flushed and read to its end`() {
    var machine = connected()
    #expect(machine.received(.statement(StatementTraits())) == .look)
    #expect(machine.received(.looked(.alive)) == .send)
    #expect(machine.received(.sent(.alive)) == .flush)
    #expect(machine.received(.flushed(.blocked)) == .wait([.readable, .writable], until: .statement))
    #expect(machine.received(.ready) == .consume)
    #expect(machine.received(.consumed(.alive)) == .flush)
    #expect(machine.received(.flushed(.done)) == .take)
    #expect(machine.received(.answer(.busy)) == .wait(.readable, until: .statement))
    #expect(machine.received(.ready) == .consume)
    #expect(machine.received(.consumed(.alive)) == .take)
    #expect(machine.received(.answer(.complete(tag: "UPDATE 3"))) == .take)
    #expect(machine.received(.answer(.end(.active, .alive))) == .finish(nil))
    #expect(machine.tag == "UPDATE 3")
    #expect(machine.transaction == .active)
  }

  @Test func `the first error of a statement is its error, and the connection stays`() {
    var machine = waiting(StatementTraits(), .answer(.error(Self.boom)), .answer(.error(Self.struck)))
    #expect(machine.received(.answer(.end(.failed, .alive))) == .finish(Self.boom))
    #expect(machine.transaction == .failed)
    #expect(machine.state == .idle)
  }

  @Test func `a second statement meanwhile is refused and changes nothing`() {
    var machine = waiting()
    let before = machine.state
    guard case .refuse(let error) = machine.received(.statement(StatementTraits())) else {
      return #expect(Bool(false))
    }
    #expect(error.kind == .misuse)
    #expect(machine.state == before)
  }

  @Test func `rows make a pause when their reader has enough`() {
    var machine = waiting(StatementTraits(batch: 2))
    #expect(machine.received(.answer(.rows(1))) == .take)
    #expect(machine.received(.answer(.rows(1))) == .pause)
    #expect(machine.received(.pull(1)) == .take)
    #expect(machine.received(.answer(.rows(1))) == .pause)
    #expect(machine.received(.pull(5)) == .take)
    #expect(machine.received(.answer(.error(Self.boom))) == .take)
    #expect(machine.received(.answer(.end(.failed, .alive))) == .finish(Self.boom))
  }

  @Test func `COPY is not spoken`() {
    var machine = waiting()
    guard case .close(let error) = machine.received(.answer(.copy)) else { return #expect(Bool(false)) }
    #expect(error.kind == .refused)
  }

  // MARK: Cancelling

  @Test func `a cancel waits for its own end and for the answer, in either order`() {
    var first = waiting()
    #expect(first.received(.interrupted) == .cancel)
    #expect(first.received(.cancelStarted) == .wait(.readable, until: .grace))
    #expect(first.received(.cancelSent(problem: nil)) == .wait(.readable, until: .grace))
    #expect(first.received(.ready) == .consume)
    _ = first.received(.consumed(.alive))
    _ = first.received(.answer(.error(Self.struck)))
    guard case .finish(let error?) = first.received(.answer(.end(.idle, .alive))) else { return #expect(Bool(false)) }
    #expect(error.kind == .cancelled)

    var second = waiting(StatementTraits(), .interrupted, .cancelStarted, .ready, .consumed(.alive))
    _ = second.received(.answer(.error(Self.struck)))
    #expect(second.received(.answer(.end(.idle, .alive))) == .wait([], until: .grace))
    guard case .finish(let same?) = second.received(.cancelSent(problem: nil)) else { return #expect(Bool(false)) }
    #expect(same.kind == .cancelled)
  }

  @Test func `a deadline cancels on the server first and gives up only then`() {
    var machine = waiting()
    #expect(machine.received(.timeUp) == .cancel)
    #expect(machine.received(.cancelStarted) == .wait(.readable, until: .grace))
    guard case .close(let error) = machine.received(.timeUp) else { return #expect(Bool(false)) }
    #expect(error.kind == .unknownOutcome)

    var polite = waiting(StatementTraits(), .timeUp, .cancelStarted, .cancelSent(problem: nil))
    _ = polite.received(.answer(.error(Self.struck)))
    guard case .finish(let answer?) = polite.received(.answer(.end(.idle, .alive))) else {
      return #expect(Bool(false))
    }
    #expect(answer.kind == .timedOut)
  }

  @Test func `a statement that ended before its cancel came has succeeded`() {
    var machine = waiting(StatementTraits(mayCommit: true), .interrupted, .cancelStarted, .cancelSent(problem: nil))
    _ = machine.received(.answer(.complete(tag: "COMMIT")))
    #expect(machine.received(.answer(.end(.idle, .alive))) == .finish(nil))
  }

  @Test func `a cancel whose whereabouts are unknown costs the connection`() {
    var machine = waiting(StatementTraits(), .interrupted, .cancelStarted, .answer(.complete(tag: "SELECT 1")))
    #expect(machine.received(.answer(.end(.idle, .alive))) == .wait([], until: .grace))
    guard case .close = machine.received(.timeUp) else { return #expect(Bool(false)) }
  }

  @Test func `a reader that leaves cancels, drains and keeps the connection`() {
    var machine = waiting(StatementTraits(batch: 1), .answer(.rows(1)))
    #expect(machine.received(.abandon) == .cancel)
    #expect(machine.isDiscarding)
    _ = machine.received(.cancelStarted)
    _ = machine.received(.ready)
    _ = machine.received(.consumed(.alive))
    #expect(machine.received(.answer(.rows(1))) == .take)
    _ = machine.received(.answer(.error(Self.struck)))
    _ = machine.received(.answer(.end(.idle, .alive)))
    #expect(machine.received(.cancelSent(problem: nil)) == .finish(nil))
    #expect(machine.state == .idle)
  }

  // MARK: Losing the connection

  @Test(arguments: [
    // Inside a transaction nothing is committed that nobody committed.
    (TransactionStatus.active, "UPDATE t SET a = 1", PostgresError.Kind.lost),
    (.active, "SELECT 1; DROP TABLE t", .lost),
    (.active, "COMMIT", .unknownOutcome), (.active, "end", .unknownOutcome),
    (.active, "PREPARE TRANSACTION 'x'", .unknownOutcome), (.active, "/* so */ COMMIT", .unknownOutcome),
    (.active, "-- so\nCOMMIT", .unknownOutcome), (.active, "ROLLBACK", .lost),
    // Outside of one each statement commits by itself.
    (.idle, "UPDATE t SET a = 1", .unknownOutcome), (.idle, "BEGIN; SET LOCAL a = 1", .lost),
    (.idle, "begin; UPDATE t SET a = 1; commit", .unknownOutcome),
  ])
  func `what a lost answer means follows from the transaction`(
    status: TransactionStatus,
    text: String,
    kind: PostgresError.Kind
  ) {
    var machine = waiting(StatementTraits(), .answer(.complete(tag: "")), .answer(.end(status, .alive)))
    for event in [.statement(StatementTraits(of: text)), .looked(.alive), .sent(.alive), .flushed(.done), .ready]
      as [ProtocolEvent]
    {
      _ = machine.received(event)
    }
    #expect(machine.received(.consumed(.dead("reset by peer"))) == .take)
    guard case .close(let error) = machine.received(.answer(.busy)) else { return #expect(Bool(false)) }
    #expect(error.kind == kind)
    #expect(error.message == "reset by peer")
  }

  @Test func `a connection that was gone before the statement has not carried it out`() {
    var machine = connected(.statement(StatementTraits(mayCommit: true)))
    #expect(machine.received(.looked(.dead("terminated"))) == .close(.dropped("terminated")))
  }

  @Test func `the server's last words are heard`() {
    let shutdown = PostgresError(.refused, state: "57P01", "terminating connection")
    var machine = waiting(StatementTraits(mayCommit: true), .ready, .consumed(.dead("closed")))
    #expect(machine.received(.answer(.error(shutdown))) == .take)
    guard case .close(let error) = machine.received(.answer(.end(.unknown, .dead("closed")))) else {
      return #expect(Bool(false))
    }
    #expect(error == PostgresError(.unknownOutcome, state: "57P01", "terminating connection"))
  }

  @Test func `a session that paused too long had not begun the statement`() {
    let paused = PostgresError(.refused, state: "25P03", "terminating connection due to idle-in-transaction timeout")
    var machine = waiting(StatementTraits(mayCommit: true), .answer(.error(paused)))
    guard case .close(let error) = machine.received(.answer(.end(.unknown, .dead("closed")))) else {
      return #expect(Bool(false))
    }
    #expect(error.kind == .dropped)
  }

  // MARK: Listening

  @Test func `a listener reads what is there, then waits without limit`() {
    var machine = connected()
    #expect(machine.received(.listen) == .drain)
    #expect(machine.received(.drained(0)) == .wait(.readable, until: .none))
    #expect(machine.received(.ready) == .consume)
    #expect(machine.received(.consumed(.alive)) == .drain)
    #expect(machine.received(.drained(2)) == .deliver)
    #expect(machine.state == .idle)
    _ = machine.received(.listen)
    _ = machine.received(.drained(0))
    guard case .finish(let error?) = machine.received(.interrupted) else { return #expect(Bool(false)) }
    #expect(error.kind == .cancelled)
    _ = machine.received(.listen)
    _ = machine.received(.drained(0))
    #expect(machine.received(.consumed(.dead("gone"))) == .close(.dropped("gone")))
  }
}
