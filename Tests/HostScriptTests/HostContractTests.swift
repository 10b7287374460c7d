import HostScript
import PrimitiveKit
import Testing

/// What every host does, whether it is one or only a model of one.
struct HostContractTests {
  @Test(arguments: Subject.all) func `inspect speaks of each bot it was asked about`(_ subject: Subject) async throws {
    try await subject.with { host in
      _ = try await host.ask(["stop", "--bots", "bot2"])
      let seen = try await host.ask(["inspect", "--bots", "bot1 bot2 bot9"])
      #expect(seen.status == 0)
      #expect(seen.lines.first?.kind == .host && seen.lines.first?["now"] != nil)
      let bots = try seen.bots
      #expect(bots.map(\.name) == ["bot1", "bot2", "bot9"])
      #expect(bots.map(\.state) == [.running, .down, .down])
      #expect(bots.map(\.image) == ["v1", "v1", ""])
      #expect(bots.map { $0.pid != nil } == [true, false, false])
      #expect(bots[1].login == .unknown && bots[1].started == nil && bots[1].heartbeatAge == nil)
      #expect(bots[2].detail == "is not on this host" && bots[2].digest.isEmpty)
      #expect(try await host.ask(["inspect"]).bots.map(\.name) == ["bot1", "bot2"])
      #expect(try await host.ask(["list"]).lines.map(\.kind) == [.bot, .bot])
    }
  }

  @Test(arguments: Subject.all) func `facts name epoch, journal and images`(_ subject: Subject) async throws {
    try await subject.with { host in
      let v2 = try await host.image("v2")
      let now = try await host.now()
      let epoch = now * 65_536 + 7
      let swap = try await host.ask(
        ["swap", "--bots", "bot1 bot2", "--epoch", "\(epoch)", "--journal", "j1"] + v2.options
      )
      #expect(swap.status == 0)
      let facts = try HostFacts(try await host.ask(["facts"]).line(.host))
      #expect(facts.epoch == epoch && facts.journal == "j1")
      #expect(facts.kept.first == String(v2.digest.dropFirst(7)) && facts.kept.count == 2)
      #expect(Set(facts.images) == Set(facts.kept))
      #expect(facts.notReady == nil && facts.diskFreeKB > 0)
    }
  }

  @Test(arguments: Subject.all) func `a swap is told bot by bot`(_ subject: Subject) async throws {
    try await subject.with { host in
      let v1 = try await host.image("v1x")
      _ = try await host.ask(["swap", "--bots", "bot1"] + v1.options)
      let v2 = try await host.image("v2")
      let results = try await host.ask(["swap", "--bots", "bot1", "--run", "r1"] + v2.options).results
      #expect(results.map(\.bot) == ["bot1"] && results.map(\.outcome) == [.swapped])
      #expect(results.map(\.digest) == [v2.digest] && results.map(\.before) == [v1.digest])
      let again = try await host.ask(["swap", "--bots", "bot1", "--run", "r2"] + v2.options).results
      #expect(again.map(\.outcome) == [.unchanged] && again.map(\.before) == [nil])
      let bad = try await host.image("bad", isBad: true)
      let back = try await host.ask(["swap", "--bots", "bot1", "--run", "r3"] + bad.options)
      #expect(back.status == 1)
      #expect(try back.results.map(\.outcome) == [.rolledBack] && back.results.map(\.digest) == [v2.digest])
      #expect(try back.results.first?.detail?.contains("ended with status") == true)
    }
  }

  @Test(arguments: Subject.all) func `a swap leaves what is down as it found it, where it is told so`(
    _ subject: Subject
  )
    async throws
  {
    try await subject.with { host in
      _ = try await host.ask(["stop", "--bots", "bot2"])
      let old = try await host.ask(["inspect", "--bots", "bot2"]).bots.map(\.digest)
      let v2 = try await host.image("v2")
      let swap = try await host.ask(["swap", "--bots", "bot1 bot2", "--as-found", "bot1 bot2"] + v2.options)
      #expect(swap.status == 0)
      #expect(try swap.results.map(\.outcome) == [.swapped, .swapped])
      #expect(try swap.results.map(\.isStill) == [false, true])
      #expect(try swap.results.last?.before == old.first)
      let bots = try await host.ask(["inspect", "--bots", "bot1 bot2"]).bots
      #expect(bots.map(\.state) == [.running, .down] && bots.map(\.digest) == [v2.digest, v2.digest])
      #expect(bots.allSatisfy { !$0.hasPrevious })
      let again = try await host.ask(["swap", "--bots", "bot2", "--as-found", "bot2", "--run", "r2"] + v2.options)
      #expect(try again.results.map(\.outcome) == [.unchanged] && again.results.map(\.isStill) == [true])
      _ = try await host.ask(["start", "--bots", "bot2"])
      #expect(try await host.ask(["inspect", "--bots", "bot2"]).bots.map(\.state) == [.running])
    }
  }

  @Test(arguments: Subject.all) func `an image is pulled once`(_ subject: Subject) async throws {
    try await subject.with { host in
      let v2 = try await host.image("v2")
      #expect(try await host.ask(["pull"] + v2.options).results.map(\.outcome) == [.pulled])
      #expect(try await host.ask(["pull"] + v2.options).results.map(\.outcome) == [.present])
    }
  }

  @Test(arguments: Subject.all) func `bots are stopped, started and restarted`(_ subject: Subject) async throws {
    try await subject.with { host in
      func does(_ verb: String, _ bots: String = "bot1") async throws -> [SwapResult.Outcome] {
        try await host.ask([verb, "--bots", bots, "--stop", "5", "--settle", "0"]).results.map(\.outcome)
      }
      #expect(try await does("start") == [.unchanged])
      #expect(try await does("stop", "bot1 bot2") == [.stopped, .stopped])
      #expect(try await does("stop") == [.unchanged])
      #expect(try await does("start") == [.started])
      #expect(try await does("restart") == [.restarted])
      let absent = try await host.ask(["stop", "--bots", "bot9"])
      #expect(absent.status == 1)
      #expect(try absent.results.first?.detail == "no bot bot9 on this host")
    }
  }

  @Test(arguments: Subject.all) func `a private command happens once, and what came back can be forgotten`(
    _ subject: Subject
  ) async throws {
    try await subject.with { host in
      let content = Array("catexport A='1'\nhello".utf8)
      let sent = Array("\(SHA256(hashing: content).hex) 3 13\n".utf8) + content
      let words = ["exec", "--private", "--run", "r1-1"]
      let first = try await host.ask(words, input: sent)
      #expect(try ExecAnswer(first.bytes, token: "r1-1")?.output == Array("hello".utf8))
      let again = try await host.ask(words + ["--epoch", "7"], input: sent)
      #expect(try ExecAnswer(again.bytes, token: "r1-1") == ExecAnswer(first.bytes, token: "r1-1"))
      #expect(try await host.ask(["forget", "--run", "r1-1"]).status == 0)
      let forgotten = try #require(try ExecAnswer(try await host.ask(["--attach", "r1-1"]).bytes, token: "r1-1"))
      #expect(forgotten.status == 0 && forgotten.output.isEmpty && !forgotten.isKept)
      let cut = try await host.ask(["exec", "--private", "--run", "r1-2"], input: Array(sent.dropLast()))
      #expect(cut.status == 4 && cut.code == "host.input_cut")
      #expect(try await host.ask(["--attach", "r1-2"]).code == "host.no_run")
    }
  }

  @Test(arguments: Subject.all) func `a command happens once under its ticket`(_ subject: Subject) async throws {
    try await subject.with { host in
      let first = try await host.exec("cat", input: "hello", run: "r1-1")
      #expect(first.status == 0)
      #expect(try ExecAnswer(first.bytes, token: "r1-1")?.output == Array("hello".utf8))
      let second = try await host.exec("cat", input: "hello", run: "r1-1", more: ["--epoch", "7"])
      #expect(try ExecAnswer(second.bytes, token: "r1-1") == ExecAnswer(first.bytes, token: "r1-1"))
      let attached = try await host.ask(["--attach", "r1-1"])
      #expect(try ExecAnswer(attached.bytes, token: "r1-1")?.output == Array("hello".utf8))
      let other = try await host.exec("cat", input: "hello!", run: "r1-1")
      #expect(other.status == 2 && other.code == "host.run_differs")
      let unknown = try await host.ask(["--attach", "r9"])
      #expect(unknown.status == 2 && unknown.code == "host.no_run")
      let cut = try await host.ask(["exec", "--bytes", "3", "--sha256", "00", "--run", "r1-2"], input: [1, 2])
      #expect(cut.status == 4 && cut.code == "host.input_cut")
      #expect(try await host.ask(["--attach", "r1-2"]).code == "host.no_run")
    }
  }

  @Test(arguments: Subject.all) func `only the commands of that very run are ended`(_ subject: Subject) async throws {
    try await subject.with { host in
      #expect(try await host.ask(["kill", "--run", "20261121-1-abc"]).code == "host.no_run")
      try await host.whileAtWork("20261121-1-abc-77") {
        for part in ["20261121", "20261121-1", "20261121-1-ab"] {
          let refused = try await host.ask(["kill", "--run", part])
          #expect(refused.status == 2 && refused.code == "host.no_run")
        }
        let ended = try await host.ask(["kill", "--run", "20261121-1-abc", "--stop", "5"])
        #expect(ended.status == 0)
        #expect(try ended.results.map(\.outcome) == [.stopped])
      }
    }
  }

  @Test(arguments: Subject.all) func `one change at a time`(_ subject: Subject) async throws {
    try await subject.with { host in
      try await host.whileAtWork("r1-1") {
        for words in [["stop", "--bots", "bot1"], ["restart", "--bots", "bot1", "--run", "r2"]] {
          let second = try await host.ask(words)
          #expect(second.status == 3 && second.code == "host.locked")
          #expect(second.message?.hasPrefix("run r1-1 (exec, process ") == true)
        }
        try host.send("new", to: ".motd.opsh-1")
        let placed = try await host.ask(["place", "--run", "r2", "--from", ".motd.opsh-1", "--to", "motd"])
        #expect(placed.code == "host.locked" && host.file(".motd.opsh-1") == nil && host.file("motd") == nil)
        let fence = try await host.ask(["fence", "--epoch", "7"])
        #expect(fence.status == 0)
        #expect(try fence.line(.host)["run"] == "r1-1")
        #expect(try await HostEpoch(host.ask(["epoch"]).line(.host)).atWork == "r1-1")
        #expect(try await host.ask(["inspect"]).status == 0)
      }
      #expect(try await host.ask(["stop", "--bots", "bot1"]).status == 0)
      #expect(try await host.ask(["fence", "--epoch", "7"]).line(.host)["run"] == "")
    }
  }

  @Test(arguments: Subject.all) func `a lease that has passed on changes nothing`(_ subject: Subject) async throws {
    try await subject.with { host in
      let now = try await host.now()
      let lease = { (seconds: Int, tag: Int, journal: String) in
        ["--epoch", "\(seconds * 65_536 + tag)", "--journal", journal]
      }
      #expect(try await host.ask(["fence"] + lease(now, 5, "mine")).status == 0)
      let changes = [["stop", "--bots", "bot1"], ["fence"], ["epoch"]]
      for change in changes {
        let older = try await host.ask(change + lease(now - 1, 5, "mine"))
        #expect(older.status == 3 && older.code == "host.stale_epoch", "\(change)")
        for tag in [4, 6] {
          let tied = try await host.ask(change + lease(now, tag, "yours"))
          #expect(tied.status == 3 && tied.code == "host.epoch_tied", "\(change)")
          #expect(tied.message?.hasPrefix("journal mine locked this host in the same second") == true)
        }
        #expect(try await host.ask(change + lease(now, 5, "yours")).code == "host.epoch_tied")
        let ahead = try await host.ask(change + lease(now + 400, 5, "mine"))
        #expect(ahead.status == 3 && ahead.code == "host.epoch_ahead")
      }
      #expect(try await host.exec("cat", run: "r1-1", more: lease(now - 1, 5, "mine")).code == "host.stale_epoch")
      #expect(try await host.ask(["--attach", "r1-1"]).code == "host.no_run")
      #expect(try await host.ask(["inspect", "--bots", "bot1"]).bots.first?.state == .running)
      #expect(try await host.ask(["stop", "--bots", "bot1"] + lease(now, 5, "mine")).status == 0)
      #expect(try await host.ask(["start", "--bots", "bot1"] + lease(now + 1, 6, "yours")).status == 0)
      #expect(try await HostEpoch(host.ask(["epoch"]).line(.host)).journal == "yours")
    }
  }

  @Test(arguments: Subject.all) func `epochs of earlier versions are plain seconds`(_ subject: Subject) async throws {
    try await subject.with { host in
      let now = try await host.now()
      try host.remember(now)
      let seen = try HostEpoch(try await host.ask(["epoch"]).line(.host))
      #expect(seen.epoch == now * 65_536 && seen.journal == nil)
      #expect(
        try await host.ask(["fence", "--epoch", "\(now * 65_536 + 9)", "--journal", "j"]).code == "host.epoch_tied"
      )
      #expect(try await host.ask(["fence", "--epoch", "\(now - 1)"]).code == "host.stale_epoch")
      #expect(try await host.ask(["fence", "--epoch", "\((now + 1) * 65_536 + 9)", "--journal", "j"]).status == 0)
    }
  }

  @Test(arguments: Subject.all) func `an absurd epoch is reset, and only the one that was seen`(
    _ subject: Subject
  ) async throws {
    try await subject.with { host in
      let now = try await host.now()
      try host.remember((now + 1_000_000) * 65_536 + 3)
      let seen = try HostEpoch(try await host.ask(["epoch"]).line(.host))
      let mended = ["--epoch", "\(now * 65_536 + 9)", "--journal", "j"]
      #expect(try await host.ask(["stop", "--bots", "bot1"] + mended).code == "host.stale_epoch")
      let other = try await host.ask(["fence", "--reset", "12"] + mended)
      #expect(other.status == 3 && other.code == "host.epoch_changed")
      let ahead = ["--epoch", "\((now + 400) * 65_536)"]
      #expect(try await host.ask(["fence", "--reset", seen.word] + ahead).code == "host.epoch_ahead")
      #expect(try await host.ask(["fence", "--reset", seen.word] + mended).status == 0)
      #expect(try await host.ask(["stop", "--bots", "bot1"] + mended).status == 0)
    }
  }

  @Test(arguments: Subject.all) func `a look says what lies at a path, and the mode that a placement gave it`(
    _ subject: Subject
  ) async throws {
    try await subject.with { host in
      let look = ["look", "--to", "motd"]
      #expect(try await HostFile(host.ask(look).line(.host)).kind == .none)
      try host.send("new", to: ".motd.opsh-1")
      let place = ["place", "--from", ".motd.opsh-1", "--to", "motd", "--run", "r1-1", "--bits", "600"]
      #expect(try await host.ask(place).status == 0)
      let found = try await HostFile(host.ask(look).line(.host))
      #expect(found.kind == .file && found.path == "./motd" && found.links == 1 && found.bytes == 3)
      #expect(found.mode == 0o600 && found.digest == SHA256(hashing: "new".utf8).hex && found.more == nil)
      #expect(try await host.ask(["look"]).code == "host.usage")
    }
  }

  @Test(arguments: Subject.all) func `a file is placed with the newest lease alone`(_ subject: Subject) async throws {
    try await subject.with { host in
      let place = ["place", "--from", ".motd.opsh-1", "--to", "motd", "--run", "r1-1"]
      #expect(try await host.ask(["fence", "--epoch", "5"]).status == 0)
      try host.send("old", to: "motd")
      try host.send("new", to: ".motd.opsh-1")
      let late = try await host.ask(place + ["--epoch", "4"])
      #expect(late.status == 3 && late.code == "host.stale_epoch")
      #expect(host.file("motd") == "old" && host.file(".motd.opsh-1") == nil)
      try host.send("new", to: ".motd.opsh-1")
      #expect(try await host.ask(place + ["--epoch", "6"]).status == 0)
      #expect(host.file("motd") == "new" && host.file(".motd.opsh-1") == nil)
      #expect(try await host.ask(["fence", "--epoch", "5"]).code == "host.stale_epoch")
    }
  }

  @Test(arguments: Subject.all) func `a wrong command line is refused`(_ subject: Subject) async throws {
    try await subject.with { host in
      let wrong = [
        [], ["dance"], ["swap"], ["stop", "--bots"], ["stop", "--bots", "a/b"], ["stop", "--bots", "bot1-prev"],
        ["stop", "--bots", "bot1", "--stop", "010"], ["stop", "--bots", "bot1", "--x", "1"],
        ["stop", "--bots", "bot1", "--run", "../x"], ["pull", "--image", "v1", "--digest", "sha256:12"], ["kill"],
        ["fence"], ["place", "--run", "r1"], ["exec", "--run", "r1"],
      ]
      for arguments in wrong {
        let answer = try await host.ask(arguments)
        #expect(answer.status == 2 && answer.code == "host.usage", "\(arguments)")
      }
    }
  }
}
