import Foundations
import PrimitiveKit
import Testing

struct PrimitiveTests {
  static let exec = Primitive(
    "fleet.exec",
    "Runs a command.",
    effect: .changes,
    Parameter<String>("on", "Which hosts"),
    Parameter<String>("cmd", "Shell command line"),
    Parameter<Duration>("timeout", default: .seconds(30), "Longest wait per host"),
    Parameter<String?>("reason", default: nil, "Why"),
    returns: "What was passed",
    examples: [Example(#"fleet.exec{ on = "web*", cmd = "uptime" }"#, "load of every web host")]
  ) { on, cmd, timeout, reason async throws(CallFailure) in
    "\(on)|\(cmd)|\(timeout.seconds)|\(reason ?? "-")"
  }

  @Test(arguments: [
    [Value.string("web1"), .string("w")],
    [.table(["on": .string("web1"), "cmd": .string("w")])],
    [.string("web1"), .table(["cmd": .string("w")])],
    [.string("web1"), .string("w"), .null, .null],
  ])
  func `arguments go by name, in order, or in order with a trailing table`(arguments: [Value]) async throws {
    #expect(try await Self.exec.call(arguments) == .string("web1|w|30.0|-"))
  }

  @Test func `a pretend body gets what was given, by name`() async throws {
    let pretend = Self.exec.answering { .table($0) }
    #expect(
      try await pretend.call([.string("web1"), .table(["cmd": .string("w")])])
        == .table(["on": .string("web1"), "cmd": .string("w")])
    )
    let error = await #expect(throws: CallFailure.self) { try await pretend.call([.string("web1")]) }
    #expect(error?.message == "fleet.exec: 'cmd' is missing: Shell command line")
  }

  @Test(arguments: [
    ([Value.string("a")], "fleet.exec: 'cmd' is missing: Shell command line", "`help(fleet.exec)` shows its arguments"),
    (
      [.table(["on": .string("a"), "cmd": .string("w"), "timout": .int(3)])],
      "fleet.exec: no argument named 'timout'", "did you mean 'timeout'?"
    ),
    ([.string("a"), .int(7)], "fleet.exec: 'cmd' should be a string, got 7", "Shell command line"),
    ([.string("a"), .string("b"), .table(["on": .string("x")])], "fleet.exec: 'on' is given twice", nil),
    (
      [.string("a"), .string("b"), .int(1), .null, .int(1)],
      "fleet.exec: too many arguments: expected at most 4, got 5", "usage: fleet.exec(on, cmd, [timeout], [reason])"
    ),
    (
      [.string("a"), .string("b"), .string("soon")],
      #"fleet.exec: 'timeout' should be a duration such as 30 or "1m30s", got "soon""#, "Longest wait per host"
    ),
  ])
  func `a wrong call says what is wrong and what to try`(arguments: [Value], message: String, hint: String?) async {
    let error = await #expect(throws: CallFailure.self) { try await Self.exec.call(arguments) }
    #expect(error?.message == message)
    #expect(error?.hint == hint)
  }

  @Test func `an effect the context does not allow is refused`() async {
    let error = await #expect(throws: CallFailure.self) {
      try await CallContext.$current.withValue(CallContext(allowed: [.reads], name: "check")) {
        try await Self.exec.call([.string("a"), .string("b")])
      }
    }
    #expect(error?.message == "fleet.exec has the effect 'changes', but check allows only 'reads'")
  }

  @Test(arguments: [("1m30s", 90.0), ("250ms", 0.25), ("2h", 7200), ("1.5s", 1.5)])
  func `a duration reads as text`(text: String, seconds: Double) throws {
    #expect(try Duration(.string(text)).seconds == seconds)
  }

  @Test func `two primitives may not share a name`() {
    let error = #expect(throws: CallFailure.self) { try Catalog([Self.exec, Self.exec]) }
    #expect(error?.code == "catalog.duplicate")
  }
}
