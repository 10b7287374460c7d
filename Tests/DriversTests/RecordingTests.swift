import Drivers
import Foundation
import OpshTesting
import PrimitiveKit
import Testing

@Suite struct RecordingTests {
  let meta = Recording.Meta(
    site: "lab",
    recorded: Date(timeIntervalSince1970: 1_800_000_000.7),
    opsh: "0.1.0",
    masks: Masks(salt: "5a17")
  )
  let directory = NSTemporaryDirectory() + "opsh-recording-\(UUID().uuidString)"

  func host(_ name: String) -> HostAddress {
    HostAddress(name: name, address: name, port: 22, user: "me", kind: .ssh)
  }

  func read(_ line: String, _ input: String = "") -> CommandRequest {
    CommandRequest(line: line, input: Array(input.utf8), timeout: .seconds(1), effect: .reads)
  }

  /// Records these reads against hosts that answer `line n`, writes the directory and reads it back.
  func recorded(
    _ reads: [(String, CommandRequest)],
    answer: @escaping ScriptedTransport.Answer = { request, host throws(TransportError) in
      .ended(0, "\(host.name): \(request.line)\n")
    }
  ) async throws -> Replay {
    let log = RecordingLog(masks: meta.masks)
    let recorder = Hosts.recording(ScriptedTransport(answer), in: log)
    for (name, request) in reads { _ = try? await recorder.execute(request, on: host(name)) }
    return try written(log)
  }

  /// Writes what was read, and answers from the files.
  func written(_ log: RecordingLog) throws -> Replay {
    try RecordingDirectory(path: directory).write(Recording(meta: meta, reads: log.reads))
    let recording = try RecordingDirectory(path: directory).read(site: "lab")
    #expect(recording.meta.site == "lab" && recording.meta.recorded == meta.recorded)
    return Replay(recording, directory)
  }

  /// The hosts of a recording.
  struct Replay {
    let log: ReplayLog
    let hosts: any Transport

    init(_ recording: Recording, _ directory: String) {
      log = ReplayLog(recording.reads, masks: recording.meta.masks, directory: directory)
      hosts = Hosts.replaying(log)
    }

    func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
      try await hosts.execute(request, on: host)
    }

    func check() throws(CallFailure) { try log.check() }
  }

  func content(_ name: String) throws -> String { try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8) }

  @Test func `a read is answered as it was when it was recorded`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let replay = try await recorded([("web1", read("uptime")), ("web2", read("bytes"))]) { request, _ in
      CommandResult(
        status: request.line == "bytes" ? nil : 3,
        signal: request.line == "bytes" ? "KILL" : nil,
        output: request.line == "bytes" ? [0xff, 0x00, 10] : Array("a\r\n\nb".utf8),
        errorOutput: Array("wrong\n".utf8),
        dropped: 7,
        duration: .seconds(2)
      )
    }
    let first = try await replay.execute(read("uptime"), on: host("web1"))
    #expect(first.status == 3 && first.dropped == 7 && first.duration == .zero)
    #expect(first.output == Array("a\r\n\nb".utf8) && first.errorOutput == Array("wrong\n".utf8))
    let second = try await replay.execute(read("bytes"), on: host("web2"))
    #expect(second.signal == "KILL" && second.status == nil && second.output == [0xff, 0x00, 10])
    try replay.check()
  }

  @Test func `the time of a replay is when it was recorded, in whole seconds`() async throws {
    #expect(meta.recorded == Date(timeIntervalSince1970: 1_800_000_000))
  }

  @Test func `different answers to one read come back in order, and the last one again and again`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let answers = ["a", "a", "b", "c", "c"]
    let turn = Counter()
    let replay = try await recorded(answers.map { _ in ("web1", read("date")) }) { _, _ in
      .ended(0, answers[turn.next()])
    }
    #expect(try content("hosts/web1.json").components(separatedBy: "\"c\"").count == 2)
    var heard: [String] = []
    for _ in 0..<6 {
      heard.append(String(decoding: try await replay.execute(read("date"), on: host("web1")).output, as: UTF8.self))
    }
    #expect(heard == ["a", "a", "b", "c", "c", "c"])
  }

  @Test func `a host that gave no answer gives none again, for the same reason`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let errors: [String: TransportError] = [
      "a": .unreachable(host: "a", reason: "no route", hint: "is it on?"),
      "b": .lost(host: "b", reason: "reset"),
      "c": .timedOut(host: "c", after: .seconds(2.5)),
    ]
    let replay = try await recorded(["a", "b", "c"].map { ($0, read("uptime")) }) { _, host throws(TransportError) in
      throw errors[host.name] ?? .lost(host: "?", reason: "?")
    }
    for (name, error) in errors {
      let thrown = await #expect(throws: TransportError.self) {
        try await replay.execute(read("uptime"), on: host(name))
      }
      #expect(thrown == error)
    }
    try replay.check()
  }

  @Test func `what the caller gave up is not recorded`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    _ = try await recorded([("web1", read("uptime"))]) { _, host throws(TransportError) in
      throw .cancelled(host: host.name, effectPossible: false)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/hosts") == [])
  }

  @Test(arguments: [
    ("web9", "uptime", "script", "no read of this host was recorded"),
    ("web1", "uptime -p", "script", "this command was not recorded"),
    (
      "web1", "uptime", "new script",
      "the command was recorded with another input: the host script or the text sent with it has changed"
    ),
  ])
  func `a read that was not recorded is named, with what to do`(name: String, line: String, input: String, why: String)
    async throws
  {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let replay = try await recorded([("web1", read("uptime", "script"))])
    let error = await #expect(throws: TransportError.self) {
      try await replay.execute(read(line, input), on: host(name))
    }
    #expect(error?.code == "recording.missing")
    #expect(error?.message == "the recording has no answer from \(name) to: \(line): \(why)")
    #expect(error?.hint?.contains("opsh --record \(directory) --dry-run") == true)
    // Also when a primitive swallowed it.
    let failure = #expect(throws: CallFailure.self) { try replay.check() }
    #expect(failure?.code == "recording.missing")
    #expect(failure.map { ExitCode(failure: $0) } == .dataInvalid)
  }

  @Test func `reads that are missing are counted once each`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let replay = try await recorded([])
    for line in ["a", "a", "b", "c"] { _ = try? await replay.execute(read(line), on: host("web1")) }
    let failure = #expect(throws: CallFailure.self) { try replay.check() }
    #expect(failure?.message.hasSuffix("(and 2 other reads)") == true)
    // The next runbook is judged by its own reads.
    try replay.check()
    _ = try? await replay.execute(read("a"), on: host("web1"))
    #expect(throws: CallFailure.self) { try replay.check() }
  }

  @Test func `a long command is shortened in messages and in the recording`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let long = "echo \(String(repeating: "x", count: 500))\nexit 3"
    let replay = try await recorded([("web1", read(long))])
    #expect(try content("hosts/web1.json").contains("xxx…\""))
    let error = await #expect(throws: TransportError.self) { try await replay.execute(read(long), on: host("web2")) }
    #expect((error?.message.count ?? 0) < 250)
  }

  @Test func `a replay changes nothing`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let replay = try await recorded([("web1", read("uptime"))])
    await #expect(throws: TransportError.readOnly(host: "web1", command: "reboot")) {
      let request = CommandRequest(line: "reboot", timeout: nil, effect: .changes)
      return try await replay.execute(request, on: host("web1"))
    }
    await #expect(throws: TransportError.readOnly(host: "web1", command: "write x")) {
      try await replay.hosts.put(FileUpload(path: "x", content: [], mode: 0o600), on: host("web1"))
    }
  }

  @Test func `changes pass a recording by`() async throws {
    let base = ScriptedTransport { _, _ in .ended() }
    let log = RecordingLog(masks: meta.masks)
    let recorder = Hosts.recording(base, in: log)
    _ = try await recorder.execute(CommandRequest(line: "touch x", timeout: nil, effect: .changes), on: host("web1"))
    try await recorder.put(FileUpload(path: "x", content: [], mode: 0o600), on: host("web1"))
    #expect(base.sent.count == 2)
    #expect(log.reads.isEmpty)
  }

  @Test func `lines of output are passed on while a read is replayed`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let replay = try await recorded([("web1", read("x"))]) { _, _ in .ended(0, "a\nb") }
    let lines = Lines()
    var request = read("x")
    request.onLine = { lines.add($0) }
    _ = try await replay.execute(request, on: host("web1"))
    #expect(lines.all == ["a", "b"])
  }

  @Test func `the same answers make the same files, whatever the order`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let reads = [("web2", read("b")), ("web2", read("a", "x")), ("web2", read("a", "y")), ("web1", read("c"))]
    _ = try await recorded(reads)
    let first = try content("hosts/web2.json")
    _ = try await recorded(reads.reversed())
    #expect(try content("hosts/web2.json") == first)
    #expect(
      try content("meta.json") == """
        {
          "format" : 2,
          "opsh" : "0.1.0",
          "recorded" : "2027-01-15T08:00:00Z",
          "salt" : "5a17",
          "services" : [
            "hosts"
          ],
          "site" : "lab"
        }

        """
    )
  }

  @Test func `a new recording takes the place of the old one as a whole`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    _ = try await recorded([("web1", read("a")), ("../etc", read("a")), (".hidden", read("a"))])
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/hosts").sorted()
    #expect(names == ["%2e.%2fetc.json", "%2ehidden.json", "web1.json"])
    _ = try await recorded([("web2", read("a"))])
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/hosts") == ["web2.json"])
  }

  @Test func `a directory with other files is left alone`() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try "x".write(toFile: "\(directory)/notes", atomically: true, encoding: .utf8)
    let failure = #expect(throws: CallFailure.self) { try RecordingDirectory(path: directory).prepare() }
    #expect(failure?.code == "recording.not_empty")
    #expect(failure?.message.contains("notes") == true)
    try FileManager.default.removeItem(atPath: "\(directory)/notes")
    try FileManager.default.createDirectory(atPath: "\(directory)/hosts", withIntermediateDirectories: true)
    try RecordingDirectory(path: directory).prepare()
    try "x".write(toFile: "\(directory)/hosts/inventory", atomically: true, encoding: .utf8)
    #expect(throws: CallFailure.self) { try RecordingDirectory(path: directory).prepare() }
  }

  @Test func `what cannot be read is named`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    func failure() -> CallFailure? {
      #expect(throws: CallFailure.self) { try RecordingDirectory(path: directory).read(site: "lab") }
    }
    #expect(failure()?.message == "\(directory)/meta.json cannot be read")
    _ = try await recorded([("web1", read("a"))])
    let other = #expect(throws: CallFailure.self) { try RecordingDirectory(path: directory).read(site: "prod") }
    #expect(other?.code == "recording.other_site")
    try "{\"subject\": \"web1\"}".write(toFile: "\(directory)/hosts/web1.json", atomically: true, encoding: .utf8)
    #expect(failure()?.message == "\(directory)/hosts/web1.json is not a file of a recording: 'reads' is missing")
    try "{\"format\": 3, \"new\": true}".write(toFile: "\(directory)/meta.json", atomically: true, encoding: .utf8)
    #expect(failure()?.code == "recording.newer_format")
    try "<<<<<<< HEAD".write(toFile: "\(directory)/meta.json", atomically: true, encoding: .utf8)
    #expect(failure()?.code == "recording.unreadable")
  }

  @Test func `whatever a host prints comes back byte for byte`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var random = SplitMix64(seed: 7)
    let alphabet: [UInt8] = [0, 10, 10, 13, 32, 34, 92, 65, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xff, 0xef, 0xbb, 0xbf]
    let outputs = (0..<200).map { _ in
      (0..<Int.random(in: 0..<30, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
    }
    let replay = try await recorded(outputs.indices.map { ("web1", read("cat \($0)")) }) { request, _ in
      let index = Int(request.line.dropFirst(4)) ?? 0
      return CommandResult(status: index, output: outputs[index], errorOutput: outputs[199 - index])
    }
    for (index, output) in outputs.enumerated() {
      let result = try await replay.execute(read("cat \(index)"), on: host("web1"))
      #expect(result.status == index && result.output == output && result.errorOutput == outputs[199 - index])
    }
  }

  @Test func `many hosts at once are recorded and replayed without a loss`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let log = RecordingLog(masks: meta.masks)
    let base = ScriptedTransport { request, host in
      await Task.yield()
      return .ended(0, "\(host.name) \(request.line)")
    }
    let recorder = Hosts.recording(base, in: log)
    let names = (0..<100).map { "web\($0)" }
    _ = await names.concurrentMap(limit: 50) { [self] name in
      for line in ["a", "b", "a"] { _ = try? await recorder.execute(read(line), on: host(name)) }
    }
    let replay = try written(log)
    let recording = try RecordingDirectory(path: directory).read(site: "lab")
    #expect(recording.count(of: "hosts") == 100 && recording.readCount == 200)
    let right = await names.concurrentMap(limit: 50) { [self] name in
      let result = try? await replay.execute(read("b"), on: host(name))
      return result?.output == Array("\(name) b".utf8)
    }
    #expect(!right.contains(false))
  }

  @Test func `this machine is recorded in a dry world and replayed without it`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let log = RecordingLog(masks: meta.masks)
    let services = Services().with(Hosts.self, LocalTransport())
    func world(_ services: Services) -> World {
      World(
        mode: .dry,
        clock: ContinuousClock(),
        now: { [meta] in meta.recorded },
        drawSeed: { 0 },
        services: services
      )
    }
    let request = read("cat; echo done >&2; exit 5", "from here\n")
    let first = try await world(services.recorded(in: log)).service(Hosts.self).execute(request, on: host("here"))
    let replay = try written(log)
    var second = try await world(services.replayed(from: replay.log)).service(Hosts.self).execute(
      request,
      on: host("here")
    )
    second.duration = first.duration
    #expect(first == second && first.status == 5)
  }

  @Test func `a recording of the first format is still read`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(atPath: "\(directory)/hosts", withIntermediateDirectories: true)
    // As opsh wrote it before there were services.
    try """
    { "format": 1, "opsh": "0.1.0", "recorded": "2027-01-15T08:00:00Z", "site": "lab" }
    """.write(toFile: "\(directory)/meta.json", atomically: true, encoding: .utf8)
    try """
    { "host": "web1", "reads": [
      { "command": "uptime", "command_sha256": "\(SHA256(hashing: "uptime".utf8).hex)",
        "input_sha256": "\(SHA256(hashing: "script".utf8).hex)",
        "answers": [ { "output": ["up 1 day\\n"], "status": 0 }, { "silence": { "kind": "timed_out", "seconds": 2 } } ] } ] }
    """.write(toFile: "\(directory)/hosts/web1.json", atomically: true, encoding: .utf8)
    let replay = Replay(try RecordingDirectory(path: directory).read(site: "lab"), directory)
    #expect(try await replay.execute(read("uptime", "script"), on: host("web1")).output == Array("up 1 day\n".utf8))
    await #expect(throws: TransportError.timedOut(host: "web1", after: .seconds(2))) {
      try await replay.execute(read("uptime", "script"), on: host("web1"))
    }
    let error = await #expect(throws: TransportError.self) {
      try await replay.execute(read("uptime", "other"), on: host("web1"))
    }
    #expect(error?.message.contains("recorded with another input") == true)
    // A new recording takes its place.
    _ = try await recorded([("web2", read("a"))])
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/hosts") == ["web2.json"])
  }
}
