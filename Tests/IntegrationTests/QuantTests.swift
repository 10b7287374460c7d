import Foundation
import OpshLab
import Testing

/// The four units of seed 004 on a systemd of their own, and the plugin that operates them.
@Suite(.enabled(if: UnitHost.obstacle == nil, "hosts with systemd need root"), .timeLimit(.minutes(5)), .serialized)
struct QuantTests {
  private static let names = ["ws-sidecar", "trader", "live", "monitor"]
  private static let prefix = "openclaw-ai-quant-"

  private struct Quant {
    let lab: Lab
    let opsh: Opsh
    /// The processes of each unit's control group, by kind.
    func processes(_ kind: String) -> [Int32] { lab.units[0].processes(of: QuantTests.prefix + kind) }
    var all: [String: [Int32]] {
      Dictionary(uniqueKeysWithValues: QuantTests.names.map { ($0, processes($0)) })
    }
    func run(_ book: String, _ arguments: String = "") async throws -> Opsh.Outcome {
      try await opsh("runbook.run<name=\"aiquant/\(book)\", arguments={\(arguments)}>", "--yes")
    }
  }

  private func with(_ body: (Quant) async throws -> Void) async throws {
    let directory = RealFleet.scratch()
    let lab = try await Lab.up(directory: directory + "/lab", size: Lab.Size(hosts: 1, system: "aiquant"))
    let home = directory + "/home"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    do {
      try await body(Quant(lab: lab, opsh: Opsh(site: lab.site, home: home)))
    } catch {
      try? await lab.down()
      try? FileManager.default.removeItem(atPath: directory)
      throw error
    }
    try await lab.down()
    try FileManager.default.removeItem(atPath: directory)
  }

  @Test func `a plan says what the data source takes down, and a restart has new processes in order`() async throws {
    try await with { quant in
      let before = quant.all
      #expect(before.values.allSatisfy { $0.count == 1 }, "\(before)")
      let status = try await quant.opsh(
        "for _, b in ipairs(fleet.status()) do print(b.bot, b.state, b.login, b.note) end"
      )
      #expect(status.output.components(separatedBy: "running").count == 5, "\(status)")

      let plan = try await quant.opsh(#"fleet.restart("*-sidecar")"#, "--dry-run")
      #expect(
        plan.output.contains(
          "also restarts openclaw-ai-quant-live,openclaw-ai-quant-trader, stopped with openclaw-ai-quant-ws-sidecar"
        ),
        "\(plan)"
      )
      let refused = try await quant.run("restart-services")
      #expect(
        refused.status != 0 && (refused.output + refused.errors).contains("say live=true to restart it, too"),
        "\(refused)"
      )
      #expect(quant.all == before)

      let restarted = try await quant.run("restart-services", "live=true")
      #expect(restarted.status == 0, "\(restarted)")
      let after = quant.all
      #expect(after.allSatisfy { $0.value.count == 1 && $0.value != before[$0.key] ?? [] }, "\(before) \(after)")

      let stopped = try await quant.run("stop-all")
      #expect(stopped.status == 0 && quant.all.values.allSatisfy(\.isEmpty), "\(stopped) \(quant.all)")
      let started = try await quant.run("start-all")
      #expect(started.status == 0, "\(started)")
      #expect(quant.processes("live").isEmpty && quant.processes("trader").count == 1)
    }
  }

  @Test func `live that runs without its data source, a crash loop and an edited unit are found`() async throws {
    try await with { quant in
      #expect(try await quant.opsh.run(["check", "aiquant.blind", "aiquant.down"]).status == 0)
      try await quant.lab.break(.sidecarLost, host: "quant01")
      let blind = try await quant.opsh.run(["check", "aiquant.blind"])
      #expect(blind.status == 2 && blind.output.contains("2 traders"), "\(blind)")
      try await quant.lab.mend()

      // Times of files count in seconds: an edit in the very second of a start is not told apart.
      var uptime = ""
      for _ in 0..<100 where (Double(uptime.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) < 2 {
        uptime = try await quant.opsh(#"print(fleet.status("*-live")[1].uptime)"#).output
      }
      try await quant.lab.break(.edited, host: "quant01")
      let drift = try await quant.opsh(#"print(fleet.status("*-live")[1].note)"#)
      #expect(drift.output.contains("has changed"), "\(drift)")
      try await quant.lab.mend()

      try await quant.lab.break(.crashLoop, host: "quant01")
      var loop = ""
      for _ in 0..<100 where !loop.contains("crashed") {
        loop = try await quant.opsh(#"print(fleet.status("*-trader")[1].state, fleet.status("*-trader")[1].note)"#)
          .output
      }
      #expect(loop.contains("crashed") && loop.contains("systemd starts it again"), "\(loop)")
    }
  }
}
