import Foundation
import OpshLab
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CommandTests {
  /// What `--catalog` says of examples.
  private struct Catalog: Decodable {
    struct Primitive: Decodable {
      let name: String
      let effect: String
      let examples: [Example]
    }
    struct Example: Decodable { let code: String }
    let primitives: [Primitive]
  }

  @Test func `every example of every primitive runs`() async throws {
    try await RealFleet.with(hosts: 2, botsPerHost: 2, staging: true) { fleet in
      let printed = try await fleet.opsh.run(["--catalog"])
      let catalog = try JSONDecoder().decode(Catalog.self, from: Data(printed.output.utf8))
      // Reads first: a fresh fleet is what the examples describe.
      let order =
        catalog.primitives.filter { $0.effect == "reads" } + catalog.primitives.filter { $0.effect != "reads" }
      #expect(order.count >= 15)
      // The plugin of another product comes with opsh; this site has no system of it.
      for primitive in order where !primitive.name.hasPrefix("aiquant.") {
        for example in primitive.examples {
          let run = try await fleet.opsh(example.code, "--yes")
          #expect(run.status == 0, "\(example.code): \(run)")
        }
      }
    }
  }

  @Test func `a dry script stops where it decides on what nobody knows yet`() async throws {
    try await RealFleet.with(hosts: 1) { fleet in
      let code = #"local r = fleet.exec<on="web001", cmd="echo hi"> if r[1].ok then print "y" end"#
      let dry = try await fleet.opsh(code, "--dry-run")
      #expect(dry.status == 3, "\(dry)")
      #expect(!dry.output.contains("y\n") && dry.errors.contains("depends on fleet.exec"), "\(dry)")
      let assumed = try await fleet.opsh(code.replacing("r[1].ok", with: "unwrap(r[1].ok, true)"), "--dry-run")
      #expect(assumed.status == 0 && assumed.output.contains("y\n"), "\(assumed)")
    }
  }

  @Test func `commands are grouped, summed and end with the code of their worst host`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      let opsh = fleet.opsh
      try await fleet.lab.break(.sshd, host: "web003")
      let query = try await opsh(#"local all = fleet.query("*", "echo hi") print(#all)"#)
      #expect(query.status == 1, "\(query)")
      #expect(
        query.output.hasPrefix("web[001-002] (2): exit 0\n  hi\nweb003 (1): unreachable: web003 refuses connections")
      )
      #expect(
        query.output.contains("3 hosts: 2 ok, 0 failed, 0 timed out, 0 unknown, 1 unreachable")
      )
      #expect(query.output.contains("hint: check that sshd runs there"))
      try await fleet.lab.mend()

      let mixed = try await opsh(
        #"fleet.exec("web[001-003]", 'case $(pwd) in *web001) exit 3;; *web002) echo 2;; esac')"#,
        "--yes"
      )
      #expect(mixed.status == 1, "\(mixed)")
      #expect(
        mixed.output.contains("3 hosts: 2 ok (1 without output), 1 failed, 0 timed out, 0 unknown, 0 unreachable")
      )

      let slow = try await opsh(#"fleet.exec<on="web001", cmd="sleep 60", timeout=1>"#)
      #expect(slow.status == 9, "\(slow)")
      #expect(slow.output.contains("web001 (1): timed out"))

      let dry = try await opsh(#"fleet.exec<on="*", cmd="touch made">"#, "--dry-run")
      #expect(dry.status == 0, "\(dry)")
      #expect(try !fleet.files().keys.contains { $0.hasSuffix("/made") })

      // Endless output is cut off, long before the time is up.
      let flood = try await opsh(#"local r = fleet.query<on="web001", cmd="yes", timeout=100> print(r[1].signal)"#)
      #expect(flood.status == 1, "\(flood.status as Any)")
      #expect(flood.output.contains("over the limit dropped") && flood.output.hasSuffix("too much output\n"))
      let binary = try await opsh(#"fleet.query<on="web001", cmd="printf '\\377\\000\\033[31m'">"#)
      #expect(binary.status == 0, "\(binary)")
      #expect(!binary.output.unicodeScalars.contains { $0.value == 27 || $0.value == 0 })
    }
  }

  @Test func `bots and files are looked after`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let opsh = fleet.opsh
      let home = fleet.lab.layout.home(of: "web001")
      let stop = try await opsh(#"fleet.stop "bot1""#)
      #expect(stop.status == 0 && stop.output.hasPrefix("stopped 1 of 1 bot\n"), "\(stop)")
      #expect(try fleet.bots()["bot1"] == "down")
      let verify = try await opsh(#"fleet.verify<image="v1">"#)
      #expect(verify.status == 1 && verify.output.contains("down (nothing runs) : 1 -> bot1"), "\(verify)")
      let start = try await opsh(#"fleet.start "bot1""#)
      #expect(start.status == 0 && start.output.contains("started 1 of 1 bot"), "\(start)")
      let before = fleet.processes()
      let restart = try await opsh(#"fleet.restart "bot[1-2]""#, "--yes")
      #expect(restart.status == 0, "\(restart)")
      #expect(before.allSatisfy { fleet.processes()[$0.key] != $0.value })
      try await fleet.expectAll("v1 yes")
      let logs = try await opsh(#"fleet.logs<on="bot1", lines=2>"#)
      #expect(logs.status == 0 && logs.output.contains("logged in as bot1"), "\(logs)")

      let put = try await opsh(#"fleet.put<on="*", path="deep file", content="a'b\n", mode="0640">"#, "--yes")
      #expect(put.status == 0 && put.output.hasPrefix("deep file: 2/2 hosts"), "\(put)")
      #expect(FileManager.default.contents(atPath: home + "/deep file") == Data("a'b\n".utf8))
      let mode = try FileManager.default.attributesOfItem(atPath: home + "/deep file")[.posixPermissions] as? Int
      #expect(mode == 0o640)
      try await fleet.lab.break(.diskFull, host: "web002")
      let full = try await opsh(#"fleet.put<on="*", path="deep file", content="new", mode="0640">"#, "--yes")
      #expect(full.status == 1 && full.output.contains("deep file: 1/2 hosts"), "\(full)")
      let other = fleet.lab.layout.home(of: "web002")
      #expect(FileManager.default.contents(atPath: other + "/deep file") == Data("a'b\n".utf8))
    }
  }

  @Test func `a query ends with its shell, keeps what came, and what it left can be ended`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let opsh = fleet.opsh
      let slow = try await opsh(
        #"for _, r in ipairs(fleet.query{ on = "*", cmd = "echo first; sleep 60", timeout = 2 }) do print(r.state, r.output, r.seconds > 1.5) end"#
      )
      #expect(slow.output.contains("web[001-002] (2): timed out\n  first"), "\(slow)")
      #expect(slow.output.contains("timed out\tfirst\n\ttrue"), "\(slow)")
      let begin = ContinuousClock.now
      let left = try await opsh(#"fleet.query("web001", "sleep 987 & echo began")"#)
      #expect(left.status == 0 && ContinuousClock.now - begin < .seconds(20), "\(left)")
      #expect(
        left.output.contains("began\n  … a background process it started is still running there"),
        "\(left)"
      )
      for answer in [slow, left] {
        let remedy = try #require(answer.output.firstMatch(of: #/hint: `(fleet.abort{.*})`/#)?.output.1, "\(answer)")
        let ended = try await opsh(String(remedy), "--yes")
        #expect(ended.status == 0 && ended.output.contains(" had a command to end"), "\(ended)")
        #expect(!ended.output.contains("abort: 0/"), "\(ended)")
      }
      let rest = try await opsh(#"fleet.query("web001", "pgrep -fx 'sleep 987'")"#)
      #expect(rest.output.contains("exit 1"), "\(rest)")
      let long = try await opsh(#"fleet.query("*", "true #" .. ("x"):rep(40000))"#)
      #expect(long.status == 65 && long.errors.contains("the command is too long (41 kB, limit 32 kB)"), "\(long)")
      #expect(long.errors.contains("send it as input"), "\(long)")
    }
  }

  @Test func `a file keeps its mode, and bytes that are no text are content like any other`() async throws {
    try await RealFleet.with(hosts: 1) { fleet in
      let opsh = fleet.opsh
      let home = fleet.lab.layout.home(of: "web001")
      let first = try await opsh(#"fleet.put{ on = "*", path = "~/secret", content = "\xff\0\xfe", mode = "0600" }"#)
      #expect(first.status == 0, "\(first)")
      #expect(FileManager.default.contents(atPath: home + "/secret") == Data([0xFF, 0, 0xFE]))
      let plan = try await opsh(#"fleet.put{ on = "*", path = "secret", content = "new", dry_run = true }"#)
      #expect(plan.output.contains("web001: replaces 3 bytes, mode 0600, owner "), "\(plan)")
      let second = try await opsh(#"fleet.put{ on = "*", path = "secret", content = "new" }"#)
      #expect(second.status == 0, "\(second)")
      let mode = try FileManager.default.attributesOfItem(atPath: home + "/secret")[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let echoed = try await opsh(#"print(fleet.query{ on = "*", cmd = "od -An -tx1", input = "\xe4\n" }[1].output)"#)
      #expect(echoed.output.contains(" e4 0a"), "\(echoed)")
      let exec = try await opsh(#"print(fleet.exec{ on = "*", cmd = "od -An -tx1", input = "\xe4\n" }[1].output)"#)
      #expect(exec.output.contains(" e4 0a"), "\(exec)")
      try FileManager.default.linkItem(atPath: home + "/secret", toPath: home + "/second")
      let linked = try await opsh(#"fleet.put{ on = "*", path = "secret", content = "third" }"#)
      #expect(linked.status == 1 && linked.output.contains("hard links"), "\(linked)")
      #expect(FileManager.default.contents(atPath: home + "/second") == Data("new".utf8))
    }
  }

  @Test func `wrong keys and another host key are one sentence and a hint`() async throws {
    try await RealFleet.with(hosts: 1) { fleet in
      try await fleet.lab.break(.hostkey, host: "web001")
      let changed = try await fleet.opsh(#"fleet.query("*", "true")"#)
      #expect(changed.status == 4, "\(changed)")
      #expect(changed.output.contains("unreachable: the host key of web001 has changed: "), "\(changed)")
      #expect(changed.output.contains("hint: someone may be listening in: do not replace "), "\(changed)")
      #expect(!changed.output.contains("-R") && !changed.output.contains("keyscan"), "\(changed)")
      let deploy = try await fleet.opsh(#"fleet.deploy "all""#, "--yes")
      #expect(deploy.status == 4 && deploy.errors.contains("the host key of web001 has changed"), "\(deploy)")
      try await fleet.lab.mend()

      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: fleet.lab.layout.userKey)
      let open = try await fleet.opsh(#"fleet.query("*", "true")"#)
      #expect(open.status == 1, "\(open)")
      #expect(open.output.contains("the key file \(fleet.lab.layout.userKey) can be read by others (mode 0644)"))
      #expect(open.output.contains("hint: chmod 600"), "\(open)")
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: fleet.lab.layout.userKey)

      let homeless = try await Opsh(site: fleet.lab.site, home: nil)(#"fleet.query("*", "echo hi")"#)
      #expect(homeless.status == 0 && homeless.output.contains("exit 0\n  hi"), "\(homeless)")
    }
  }
}
