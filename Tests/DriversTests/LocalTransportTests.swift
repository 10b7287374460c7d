import Drivers
import Foundation
import Glibc
import PrimitiveKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct LocalTransportTests {
  let transport = LocalTransport()
  let host = HostAddress(name: "here", address: "localhost", port: 0, user: "me", kind: .local)

  func run(_ line: String, timeout: Duration = .seconds(20)) async throws -> CommandResult {
    try await transport.execute(CommandRequest(line: line, timeout: timeout, effect: .reads), on: host)
  }

  @Test func `streams and status come back apart`() async throws {
    let result = try await run("echo out; echo err >&2; exit 4")
    #expect(result.output == Array("out\n".utf8))
    #expect(result.errorOutput == Array("err\n".utf8))
    #expect(result.status == 4)
  }

  @Test func `a command that takes too long may have had an effect`() async {
    let error = await #expect(throws: TransportError.self) { try await run("sleep 60", timeout: .milliseconds(50)) }
    #expect(error == .timedOut(host: "here", after: .milliseconds(50)))
    #expect(error?.effectPossible == true)
  }

  @Test func `a command that closes its pipes is no longer waited for than any other`() async {
    let error = await #expect(throws: TransportError.self) {
      try await run("exec >&- 2>&-; sleep 1000", timeout: .milliseconds(50))
    }
    #expect(error == .timedOut(host: "here", after: .milliseconds(50)))
  }

  @Test func `what had come of a command that takes too long is kept`() async {
    let error = await #expect(throws: TransportError.self) {
      try await run("echo one; exec sleep 60", timeout: .milliseconds(500))
    }
    guard case .timedOut(_, _, let got?) = error else {
      Issue.record("no partial answer: \(String(describing: error))")
      return
    }
    #expect(got.output == Array("one\n".utf8) && got.duration >= .milliseconds(500))
  }

  @Test func `a marked command ends with its shell, and what it started carries the mark`() async throws {
    var request = CommandRequest(
      line: "sleep 1000 & echo $! $OPSH_RUN; kill -0 $! && exit 3",
      timeout: .seconds(60),
      effect: .reads
    )
    request.mark = "query-test"
    let result = try await transport.execute(request, on: host)
    let words = String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    #expect(result.status == 3 && result.leftRunning && words.last == "query-test")
    let process = try #require(words.first.flatMap { pid_t($0) })
    #expect(kill(process, SIGKILL) == 0)
  }

  @Test func `a command that is too long is said to be, and no host is to blame`() async {
    let error = await #expect(throws: TransportError.self) {
      try await run("true #" + String(repeating: "x", count: CommandLimit.argument))
    }
    #expect(error == .tooLong(host: "here", bytes: CommandLimit.argument + 6, limit: CommandLimit.argument))
    #expect(error?.failureClass == .invalid && error?.hint == CommandLimit.hint)
  }

  @Test func `a file arrives whole, with its mode, in the place of the old one`() async throws {
    let path = NSTemporaryDirectory() + "opsh put \(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for content in ["one", "two"] {
      try await transport.put(FileUpload(path: HostPath(path), content: Array(content.utf8), mode: 0o600), on: host)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `a path with a tilde is below the login directory`() async throws {
    let name = ".opsh-put-\(UUID().uuidString)"
    try await transport.put(FileUpload(path: "~/\(name)", content: Array("x".utf8), mode: 0o600), on: host)
    let found = try await run("cat ~/\(name); rm -f ~/\(name)")
    #expect(found.status == 0 && found.output == Array("x".utf8))
  }

  @Test func `a file that cannot be written is a clear error`() async {
    let error = await #expect(throws: TransportError.self) {
      try await transport.put(FileUpload(path: "/no/such/place", content: [1], mode: 0o600), on: host)
    }
    #expect(error?.code == "host.put_failed")
    #expect(error?.effectPossible == false)
  }

  @Test func `complete lines are passed on while the command runs`() async throws {
    let (lines, sink) = AsyncStream<String>.makeStream()
    var request = CommandRequest(line: "printf 'a\\nb\\nc'", timeout: .seconds(20), effect: .reads)
    request.onLine = { sink.yield($0) }
    _ = try await transport.execute(request, on: host)
    sink.finish()
    var seen: [String] = []
    for await line in lines { seen.append(line) }
    #expect(seen == ["a", "b", "c"])
  }
}

struct HostTimesFileTests {
  @Test func `times come back, and a damaged file costs nothing but the times`() throws {
    let directory = NSTemporaryDirectory() + "opsh-times-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let file = HostTimesFile(directory: directory, site: "prod/eu")
    #expect(file.load() == [:])
    file.save(["web1": 12.5])
    #expect(file.load() == ["web1": 12.5])
    try "{".write(toFile: "\(directory)/host-times/prod_eu.json", atomically: true, encoding: .utf8)
    #expect(file.load() == [:])
  }
}
