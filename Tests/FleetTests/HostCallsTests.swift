import HostScript
import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet
@testable import Rollout

struct HostCallsTests {
  /// What a host answers and what becomes of it.
  struct Answer: Sendable, CustomTestStringConvertible {
    let name: String
    let result: CommandResult
    let code: String
    let message: String
    var testDescription: String { name }
  }

  static let answers = [
    Answer(
      name: "no script",
      result: .ended(96),
      code: "host.drift",
      message: "the host script is gone from web001"
    ),
    Answer(
      name: "another script",
      result: .ended(97),
      code: "host.drift",
      message: "the host script on web001 is not the one opsh installed; it was not run"
    ),
    Answer(
      name: "an error line",
      result: .ended(4, "error\t-\tcode=host.disk_full\tmessage=12 kB are free\n"),
      code: "host.disk_full",
      message: "web001: 12 kB are free"
    ),
    Answer(
      name: "an error line with a short code",
      result: .ended(2, "error\t-\tcode=usage\tmessage=unknown verb\n"),
      code: "host.usage",
      message: "web001: unknown verb"
    ),
    Answer(
      name: "a signal",
      result: CommandResult(status: nil, signal: "KILL"),
      code: "host.run_died",
      message: "web001: the host script ended with signal KILL"
    ),
    Answer(
      name: "a status and words",
      result: .ended(127, "", error: "first\nsh: sha256sum: not found\n"),
      code: "host.script_failed",
      message: "web001: the host script ended with status 127: sh: sha256sum: not found"
    ),
    Answer(
      name: "a greeting of the login shell",
      result: .ended(0, "Welcome to web001!\nhost\t-\tnow=1\n"),
      code: "host.bad_answer",
      message: "web001 sent an answer opsh does not understand: Welcome to web001!"
    ),
  ]

  private func calls(_ result: CommandResult, _ ticket: Ticket? = nil) throws -> (HostCalls, ScriptedTransport) {
    let models = try FleetOfModels()
    let transport = ScriptedTransport { _, _ async throws(TransportError) in result }
    let host = try models.host("web001").hostAddress
    let base = models.fleet.world
    let world = World(mode: .live, clock: base.clock, now: base.now, drawSeed: base.drawSeed, transport: transport)
    let calls = HostCalls(runtime: try models.runtime(), world: ticket.map(world.with) ?? world, host: host)
    return (calls, transport)
  }

  @Test(arguments: answers) func `a bad answer is one sentence`(_ answer: Answer) async throws {
    let (calls, _) = try calls(answer.result)
    let failure = await #expect(throws: CallFailure.self) { try await calls.change(["swap"], timeout: .seconds(1)) }
    #expect(failure?.code == answer.code)
    #expect(failure?.message == answer.message)
  }

  // It was called failed, and a rollback never looked at its host.
  @Test func `a script that is killed in the middle of a change leaves it unknown, and a read failed`() async throws {
    let said = "result\tbot1\toutcome=swapped\timage=v1\tdigest=x\tseconds=1\n"
    for result in [CommandResult(status: nil, signal: "KILL"), .ended(137, said)] {
      let (calls, _) = try calls(result)
      let failure = await #expect(throws: CallFailure.self) { try await calls.change(["swap"], timeout: .seconds(1)) }
      #expect(failure?.leavesUnknown == true)
    }
    let (calls, _) = try calls(CommandResult(status: nil, signal: "KILL"))
    let failure = await #expect(throws: CallFailure.self) { try await calls.read(["inspect"]) }
    #expect(failure?.failureClass == .failed)
  }

  @Test func `a status with result lines is an answer`() async throws {
    let said = "result\tbot1\toutcome=failed\timage=v1\tdigest=x\tseconds=1\n"
    let (calls, _) = try calls(.ended(1, said))
    #expect(try await calls.change(["swap"], timeout: .seconds(1)).map(\.subject) == ["bot1"])
  }

  @Test func `a read brings its script and names no installed one`() async throws {
    let (calls, transport) = try calls(.ended(0, "host\t-\tnow=1\n"))
    _ = try await calls.read(["inspect", "--bots", "bot1 bot2"])
    let sent = try #require(transport.sent.first)
    #expect(sent.line == "sh -s -- inspect --bots 'bot1 bot2'")
    #expect(sent.input == Array(calls.runtime.script.text.utf8))
    #expect(sent.effect == .reads)
  }

  @Test func `a change runs the installed script under its hash`() async throws {
    let (calls, transport) = try calls(.ended(0))
    _ = try await calls.change(["swap", "--bots", "bot1"], timeout: .seconds(1))
    let sent = try #require(transport.sent.first)
    #expect(sent.line.contains(calls.runtime.script.sha256))
    #expect(sent.line.hasSuffix("opsh-host swap --bots bot1"))
    #expect(sent.input == [])
    #expect(sent.effect == .changes)
  }

  @Test(arguments: [(nil, ""), (7, " --epoch 7")]) func `a change is sent with its ticket, a read is not`(
    epoch: Int?,
    words: String
  ) async throws {
    let (calls, transport) = try calls(.ended(0), Ticket(token: "r-1", epoch: epoch))
    _ = try await calls.change(["stop", "--bots", "bot1"], timeout: .seconds(1))
    _ = try await calls.read(["inspect"])
    #expect(transport.sent.first?.line.hasSuffix("opsh-host stop --bots bot1 --run r-1\(words)") == true)
    #expect(transport.sent.last?.line == "sh -s -- inspect")
  }

  @Test(arguments: [
    (TransportError.unreachable(host: "web001", reason: "refused", hint: nil), "unreachable"),
    (.rejected(host: "web001", path: "x", reason: "the disk is full"), "failed"),
    (.lost(host: "web001", reason: "reset"), "unknown"), (.timedOut(host: "web001", after: .seconds(3)), "unknown"),
    (.cancelled(host: "web001", effectPossible: true), "unknown"),
  ])
  func `what a broken connection may have done decides the class`(_ error: TransportError, _ expected: String) {
    #expect(ItemOutcome(CallFailure(error), on: "web001").outcomeClass.rawValue == expected)
  }
}
