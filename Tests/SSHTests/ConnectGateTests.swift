import Testing

@testable import SSH

struct ConnectGateTests {
  @Test func `no more go in than the limit, and the next follows who leaves`() {
    var gate = ConnectGate(limit: 2, perServer: 8)
    #expect(gate.enter(1, server: "a") == [1])
    #expect(gate.enter(2, server: "b") == [2])
    #expect(gate.enter(3, server: "c") == [])
    #expect(gate.leave(1) == [3])
  }

  @Test func `a full server lets others pass`() {
    var gate = ConnectGate(limit: 9, perServer: 1)
    #expect(gate.enter(1, server: "a") == [1])
    #expect(gate.enter(2, server: "a") == [])
    #expect(gate.enter(3, server: "b") == [3])
    #expect(gate.leave(1) == [2])
  }

  @Test func `a slow start makes room for another, but not at its own server`() {
    var gate = ConnectGate(limit: 1, perServer: 1)
    #expect(gate.enter(1, server: "a") == [1])
    #expect(gate.enter(2, server: "a") == [])
    #expect(gate.enter(3, server: "b") == [])
    #expect(gate.forgive(1) == [3])
    #expect(gate.leave(3) == [])
    #expect(gate.leave(1) == [2])
  }

  @Test func `drops lower the limit to eight, and successes raise it again`() {
    var gate = ConnectGate(limit: 30, perServer: 100)
    for _ in 0..<100 { gate.learn(wasDropped: true) }
    let admitted = (0..<40).flatMap { gate.enter($0, server: "a") }
    #expect(admitted.count == 8)
    for _ in 0..<100 { gate.learn(wasDropped: false) }
    #expect(gate.enter(99, server: "a").count == 22)
  }
}
