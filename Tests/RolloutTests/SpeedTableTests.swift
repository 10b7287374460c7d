import PrimitiveKit
import Testing

@testable import Rollout

@Test func `the table offers routine, fast and immediate, and routine is the default`() throws {
  let table = try SpeedTable.builtIn()
  #expect(table.speeds.map(\.name) == ["routine", "fast", "immediate"])
  #expect(table.defaultName == "routine")
}

@Test func `the speeds carry the numbers of the guide`() throws {
  let speeds = try SpeedTable.builtIn().speeds
  #expect(speeds.map(\.itemsAtOnce) == [5, 10, nil])
  #expect(speeds.map(\.stopGraceSeconds) == [35, 20, 5])
  #expect(speeds.map { $0.haltRatio?.text } == ["10%", "10%", nil])
  #expect(speeds.map(\.jitterSeconds) == [0, 0, 60])
  #expect(speeds.map(\.estimate.lowSeconds) == [15 * 60, 8 * 60, 60])
  #expect(speeds.map(\.estimate.highSeconds) == [30 * 60, 15 * 60, 60])
  #expect(speeds.map(\.ramp) == [true, true, false])
  #expect(speeds.map { $0.gateEvery?.text } == ["10%", "10%", nil])
  #expect(speeds.map(\.unknownBudget) == [0, 0, nil])
  #expect(speeds.map(\.wholeFleetOnly) == [false, false, true])
}

@Test func `immediate settles for five seconds and waits for no login`() throws {
  let immediate = try speed("immediate")
  #expect(immediate.settleSeconds == 5)
  #expect(immediate.loginWaitSeconds == 0)
}

@Test(
  arguments: [
    ("rutine", "did you mean 'routine'?"), ("fats", "did you mean 'fast'?"), ("imediate", "did you mean 'immediate'?"),
    ("10%", "not a percentage"), ("warp", "speeds: routine, fast, immediate"),
  ])
func `a speed that does not exist is refused with the nearest one`(name: String, hint: String) throws {
  let table = try SpeedTable.builtIn()
  let error = #expect(throws: RolloutError.self) { try table.speed(named: name) }
  #expect(error?.code == "speed.unknown")
  #expect(error?.message == "unknown speed '\(name)'")
  #expect(error?.hint?.contains(hint) == true)
}

@Test func `immediate is refused for a part of the fleet`() throws {
  let immediate = try speed("immediate")
  #expect(throws: RolloutError.needsWholeFleet(speed: "immediate")) { try immediate.check(wholeFleet: false) }
  try immediate.check(wholeFleet: true)
  try speed("fast").check(wholeFleet: false)
}

@Test(
  arguments: [
    ("{", "speeds.invalid"), (#"{"default":"x","speeds":[]}"#, "default 'x' is not a speed"),
    (#"{"speeds":[]}"#, "'default' is missing"),
  ])
func `a file of speeds that is not usable says what is wrong`(json: String, text: String) {
  let error = #expect(throws: RolloutError.self) { try SpeedTable(json: Array(json.utf8)) }
  let told = "\(error?.code ?? "") \(error?.message ?? "")"
  #expect(told.contains(text))
}

@Test(
  arguments: [
    (#""hosts_at_once": 5"#, #""hosts_at_once": 0"#, "hosts_at_once must be at least 1"),
    (#""halt_ratio": 0.10"#, #""halt_ratio": 1.5"#, "not between 0 and 1"),
    (#""settle_seconds": 10"#, #""settle_seconds": -1"#, "seconds cannot be negative"),
    (#""gate_every": 0.10"#, #""gate_every": 0"#, "gate_every must be more than 0"),
    (#""low_seconds": 900"#, #""low_seconds": 9000"#, "ends before it starts"),
    (#""ramp": true"#, #""ramp": "yes""#, "Bool"),
  ])
func `a wrong number in the file of speeds is named`(good: String, bad: String, text: String) throws {
  let shipped = String(decoding: PackageResources.speeds_json, as: UTF8.self)
  let broken = shipped.split(separator: good, maxSplits: 1).joined(separator: bad)
  #expect(broken != shipped)
  let error = #expect(throws: RolloutError.self) { try SpeedTable(json: Array(broken.utf8)) }
  #expect(error?.message.contains(text) == true, "\(error?.message ?? "nothing was thrown")")
}

@Test(arguments: [(0.29, 100, 29), (0.07, 100, 7), (0.10, 178, 17), (0.10, 3, 0), (0.01, 178, 1), (1, 7, 7), (0, 9, 0)])
func `a share of a fleet is floored exactly`(share: Double, hosts: Int, expected: Int) throws {
  #expect(try #require(Ratio(share)).floor(of: hosts) == expected)
}

@Test(arguments: [(0.10, "10%"), (0.025, "2.5%"), (0.0001, "0.01%"), (0.1234, "12.34%"), (1, "100%")])
func `a share is written as operators write it`(share: Double, text: String) throws {
  #expect(try #require(Ratio(share)).text == text)
}
