import Foundation
import OpshLab
import PseudoTerminal
import Testing

/// Stopping on real hosts, whatever else is broken or in the way.
@Suite(.timeLimit(.minutes(10))) struct StopTests {
  @Test func `a stop goes through a deploy that holds the host, a hung worker and a stale epoch`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let opsh = fleet.opsh
      // Bots that do not listen: the deploy waits its grace for them.
      for process in fleet.processes().values.compactMap(pid_t.init) { kill(process, SIGSTOP) }
      async let deploy = opsh(#"fleet.deploy<target="web*", image="v2">"#, "--yes")
      try await fleet.until { fleet.log(of: "web001", "swap").contains("state=stop") }
      let start = ContinuousClock.now
      let stop = try await opsh.run(["stop", "*", "--grace", "1s", "--reason", "wrong prices"])
      #expect(stop.status == 0 && stop.output.contains("stopped 2 of 2 bots"), "\(stop)")
      #expect(try fleet.bots().values.allSatisfy { $0 == "down" })
      let deployed = try await deploy
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(deployed.output.contains("stopped by") && deployed.output.contains(": wrong prices"), "\(deployed)")
      #expect(try fleet.bots().values.allSatisfy { $0 == "down" })

      // Marks stay, and a later start that names the bots clears them.
      #expect(fleet.file("web001", ".opsh/stop/bot1").contains("reason=wrong prices"))
      let started = try await opsh(#"fleet.start "*""#, "--yes")
      #expect(started.status == 0, "\(started)")
      #expect(fleet.file("web001", ".opsh/stop/bot1").isEmpty)

      // A worker that hangs with the host's lock, and an epoch of another age.
      async let command = opsh(#"fleet.exec<on="web001", cmd="sleep 20", timeout=40>"#)
      try await fleet.until { fleet.host("web001", hasRunFile: "exec.child") }
      let worker = try #require(fleet.worker(on: "web001"))
      kill(worker, SIGSTOP)
      defer { kill(worker, SIGCONT) }
      try "9999999999999999\n".write(
        toFile: "\(fleet.lab.layout.home(of: "web001"))/.opsh/epoch",
        atomically: true,
        encoding: .utf8
      )
      let again = try await opsh(#"fleet.stop{ on = "*", now = true }"#)
      #expect(again.status == 0 && again.output.contains("stopped 2 of 2 bots"), "\(again)")
      kill(worker, SIGCONT)
      // Only a run that is not over is found by a part of its id.
      let abort = try await opsh(
        #"""
        for _, run in ipairs(runs()) do
          if run.name == "fleet.exec" then return fleet.abort{ on = "web001", run = run.id:sub(1, 17) } end
        end
        """#
      )
      #expect(abort.status == 0 || abort.output.contains("fits"), "\(abort)")
      _ = try? await command
    }
  }

  @Test func `a stop needs no journal, and is journaled once when there is one again`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let opsh = fleet.opsh
      let state = "\(fleet.home)/.local/state/opsh"
      #expect(try await opsh(#"fleet.exec<on="web001", cmd="true">"#).status == 0)
      let journal = "\(state)/lab.journal"
      let site = try String(contentsOfFile: fleet.lab.site, encoding: .utf8)

      // Locked by another process, as sqlite locks: the write-ahead log's index, whole.
      let index = open("\(journal)-shm", O_RDWR | O_CREAT, 0o600)
      var lock = flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 120, l_len: 9, l_pid: 0)
      try #require(index >= 0 && fcntl(index, F_SETLK, &lock) == 0)
      try await fleet.expectStopped("journal locked")
      lock.l_type = Int16(F_UNLCK)
      #expect(fcntl(index, F_SETLK, &lock) == 0)
      close(index)

      // A server that is shut down, and one that accepts and says nothing.
      for url in ["postgres://opsh@127.0.0.1:1/none", try fleet.silentServer()] {
        let broken = site.replacing("name = \"lab\"", with: "name = \"lab\", journal = \"\(url)\"")
        try broken.write(toFile: fleet.lab.site, atomically: true, encoding: .utf8)
        #expect(broken != site)
        try await fleet.expectStopped(url)
      }
      try site.write(toFile: fleet.lab.site, atomically: true, encoding: .utf8)

      // Corrupt.
      let whole = try Data(contentsOf: URL(fileURLWithPath: journal))
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.moveItem(atPath: journal + suffix, toPath: journal + suffix + ".good")
      }
      try Data(repeating: 0x41, count: whole.count).write(to: URL(fileURLWithPath: journal))
      try await fleet.expectStopped("journal corrupt")
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: journal + suffix)
        try? FileManager.default.moveItem(atPath: journal + suffix + ".good", toPath: journal + suffix)
      }

      let spool = "\(state)/lab.stops"
      let waiting = try FileManager.default.contentsOfDirectory(atPath: spool).filter { $0.hasSuffix(".json") }
      #expect(waiting.count == 4)
      // Two at once: each stop is journaled once.
      async let first = opsh.run(["runs"])
      async let second = opsh.run(["runs"])
      _ = try await (first, second)
      let runs = try await opsh("for _, run in ipairs(runs()) do print(run.id) end")
      for name in waiting {
        let id = name.replacing(".json", with: "")
        #expect(runs.lines.count { $0 == id } == 1, "\(id)\n\(runs)")
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: spool).filter { $0.hasSuffix(".json") }
      #expect(left.isEmpty)
      let audit = try await opsh.run(["audit", "verify"])
      #expect(audit.status == 0, "\(audit)")
    }
  }

  @Test func `a broken edit of the site does not keep a bot running`() async throws {
    try await RealFleet.with(hosts: 1) { fleet in
      let opsh = fleet.opsh
      #expect(try await opsh(#"fleet.status "*""#).status == 0)
      try "return { name = \"lab\", hosts = {".write(toFile: fleet.lab.site, atomically: true, encoding: .utf8)
      #expect(try await opsh(#"fleet.status "*""#).status == 65)
      let dry = try await opsh.run(["--dry-run", "stop", "*"])
      #expect(dry.status == 0 && dry.output.contains("would stop 1 of 1 bot"), "\(dry)")
      #expect(try fleet.bots().values.allSatisfy { $0 != "down" })
      let stop = try await opsh.run(["stop", "*"])
      #expect(stop.status == 0 && stop.output.contains("using the site as read"), "\(stop)")
      #expect(try fleet.bots().values.allSatisfy { $0 == "down" })
    }
  }

  @Test func `more than one host is not stopped by mistake without a terminal`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let refused = try await fleet.opsh(#"fleet.stop "*""#)
      #expect(refused.errors.contains("now=true") || refused.output.contains("now=true"), "\(refused)")
      #expect(try fleet.bots().values.allSatisfy { $0 != "down" })
    }
  }
}

extension RealFleet {
  fileprivate var home: String { opsh.home ?? "" }

  fileprivate func file(_ host: String, _ path: String) -> String {
    (try? String(contentsOfFile: "\(lab.layout.home(of: host))/\(path)", encoding: .utf8)) ?? ""
  }

  private func runs(_ host: String) -> [String] {
    let folder = "\(lab.layout.home(of: host))/.opsh/runs"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)" }
  }

  /// What the host script's worker of a verb said, of all runs.
  fileprivate func log(of host: String, _ verb: String) -> String {
    runs(host).map { (try? String(contentsOfFile: "\($0)/\(verb).out", encoding: .utf8)) ?? "" }.joined()
  }

  fileprivate func host(_ host: String, hasRunFile name: String) -> Bool {
    let manager = FileManager.default
    return runs(host).contains {
      manager.fileExists(atPath: "\($0)/\(name)") && !manager.fileExists(atPath: "\($0)/exec.rc")
    }
  }

  /// The process of the command's worker that is at work.
  fileprivate func worker(on host: String) -> pid_t? {
    for run in runs(host) where !FileManager.default.fileExists(atPath: "\(run)/exec.rc") {
      let text = (try? String(contentsOfFile: "\(run)/exec.pid", encoding: .utf8)) ?? ""
      if let word = text.split(separator: " ").first, let process = pid_t(word) { return process }
    }
    return nil
  }

  fileprivate func until(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
      try #require(ContinuousClock.now < end, "waited a minute in vain")
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Stops everything in spite of a journal that does not work.
  fileprivate func expectStopped(_ what: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let stop = try await opsh.run(["stop", "*", "--reason", what])
    // Only the first of them finds bots that run.
    let counts = ["stopped 2 of 2 bots", "stopped 0 of 2 bots; 2 were not running"]
    let isWhole = counts.contains(where: stop.output.contains) && stop.output.contains("not in the journal yet")
    #expect(stop.status == 0 && isWhole, "\(what): \(stop)", sourceLocation: sourceLocation)
    #expect(try bots().values.allSatisfy { $0 == "down" }, "\(what)", sourceLocation: sourceLocation)
  }

  /// The address of a server that accepts connections and never answers.
  fileprivate func silentServer() throws -> String {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 4) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    try #require(bound)
    return "postgres://opsh@127.0.0.1:\(UInt16(bigEndian: address.sin_port))/none"
  }
}
