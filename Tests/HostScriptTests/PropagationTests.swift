import Foundation
import HostScript
import OpshLab
import Testing

/// What systemd stops and restarts with a unit: what the script predicts is what is seen.
@Suite(.enabled(if: UnitHost.obstacle == nil, "hosts with systemd need root")) struct PropagationTests {
  /// What the unit b says of a, and whether a stop of a ends it.
  struct Dependency: CustomTestStringConvertible, Sendable {
    let key: String
    let isDragged: Bool
    var testDescription: String { key }
  }

  static let dependencies = [
    Dependency(key: "Requires", isDragged: true), Dependency(key: "Requisite", isDragged: true),
    Dependency(key: "BindsTo", isDragged: true), Dependency(key: "PartOf", isDragged: true),
    Dependency(key: "Wants", isDragged: false),
  ]

  @Test(arguments: dependencies) func `what a restart and a stop drag along is said before`(_ dependency: Dependency)
    async throws
  {
    try await TestHost.withUnits { host, units in
      try host.unit("a", "[Service]\nExecStart=/bin/sleep 1000\n")
      try host.unit("b", "[Unit]\n\(dependency.key)=a.service\nAfter=a.service\n[Service]\nExecStart=/bin/sleep 1000\n")
      try host.unit("c", "[Unit]\nRequires=b.service\n[Service]\nExecStart=/bin/sleep 1000\n")
      for name in ["a", "b", "c"] {
        #expect(try await host.run(["start", "--bots", name, "--settle", "0"]).results.first?.outcome == .started)
      }
      let dragged = dependency.isDragged ? ["b", "c"] : []
      #expect(try await host.bot("a").drags == dragged)
      #expect(try await host.bot("b").drags == ["c"])

      let before = Dictionary(uniqueKeysWithValues: ["a", "b", "c"].map { ($0, units.processes(of: $0)) })
      #expect(try await host.run(["restart", "--bots", "a", "--settle", "0"]).results.first?.outcome == .restarted)
      for name in ["a", "b", "c"] {
        let now = units.processes(of: name)
        #expect(now.count == 1)
        #expect((now != before[name]) == (name == "a" || dragged.contains(name)), "\(name) after a restart of a")
      }
      #expect(try await host.run(["stop", "--bots", "a"]).results.first?.outcome == .stopped)
      for name in ["b", "c"] {
        #expect(units.processes(of: name).isEmpty == dragged.contains(name), "\(name) after a stop of a")
      }
      #expect(try await host.bot("a").drags.isEmpty)
    }
  }

  @Test func `what a deploy drags along runs again afterwards, and what has a mark does not`() async throws {
    try await TestHost.withUnits { host, units in
      try await host.swap("v1", try await host.image("v1"))
      for name in ["live", "paper"] {
        try host.unit(name, "[Unit]\nRequires=bot1.service\n[Service]\nExecStart=/bin/sleep 1000\n")
        _ = try await host.run(["start", "--bots", name, "--settle", "0"])
      }
      #expect(Set(try await host.bot().drags) == ["live", "paper"])
      #expect(try await host.run(["latch", "--bots", "paper", "--mode", "close_only"]).status == 0)
      let before = units.processes(of: "live")
      #expect(try await host.swap("v2", try await host.image("v2")).results.first?.outcome == .swapped)
      #expect(units.processes(of: "live").count == 1 && units.processes(of: "live") != before)
      #expect(units.processes(of: "paper").isEmpty)
    }
  }

  @Test func `a source that crashes leaves what requires it running, and nothing about that looks green`() async throws
  {
    try await TestHost.withUnits { host, units in
      try host.unit("side", "[Service]\nExecStart=/bin/sleep 1000\n")
      try host.unit("live", "[Unit]\nRequires=side.service\n[Service]\nExecStart=/bin/sleep 1000\n")
      for name in ["side", "live"] { _ = try await host.run(["start", "--bots", name, "--settle", "0"]) }
      let live = units.processes(of: "live")
      for pid in units.processes(of: "side") { kill(pid, SIGKILL) }
      try await host.until { units.processes(of: "side").isEmpty }
      var side = try await host.bot("side")
      // The manager hears of it an instant later.
      while side.state == .running { side = try await host.bot("side") }
      #expect(side.state == .crashed && side.detail == "was ended by signal 9")
      #expect(units.processes(of: "live") == live)
      #expect(try await host.bot("live").state == .running)
    }
  }
}
