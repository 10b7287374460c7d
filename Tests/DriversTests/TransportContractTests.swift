import Drivers
import Foundation
import Glibc
import PrimitiveKit
import Testing

/// What every transport that runs programs of this machine keeps to: its own shell, and programs that reach hosts.
@Suite(.timeLimit(.minutes(1))) struct TransportContractTests {
  /// A way to a host.
  struct Way: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let transport: any Transport

    static let all = [
      Way(testDescription: "local", transport: LocalTransport()),
      program("a program that runs the command", "sh", "-c", "%c"),
      // As ssh does: it joins its arguments, and a shell there reads them.
      program("a program whose far end is a login shell", "sh", "-c", #"exec sh -c "$*""#, "%h", "%c"),
      // As ssh and docker do: it talks itself, before and after.
      program(
        "a program that talks",
        "sh",
        "-c",
        #"echo hello >&2; sh -c "$1"; s=$?; echo bye >&2; exit $s"#,
        "x",
        "%c"
      ),
      // Its own exit status says nothing.
      program("a program that forgets the status", "sh", "-c", #"sh -c "$1"; exit 0"#, "x", "%c"),
    ]

    static func program(_ name: String, _ words: String...) -> Way {
      let field = DataField(.array(words.map(Value.string)))
      guard let program = try? TransportProgram(reading: field) else {
        return Way(testDescription: name, transport: Broken())
      }
      return Way(testDescription: name, transport: ProgramTransport(program: program))
    }
  }

  /// Fails whatever it is asked.
  private struct Broken: Transport {
    func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
      throw .local(host: host.name, reason: "the test's program is wrong", hint: nil)
    }
    func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
      throw .local(host: host.name, reason: "the test's program is wrong", hint: nil)
    }
  }

  let host = HostAddress(name: "here", address: "localhost", port: 0, user: "me", kind: .local)

  func run(_ way: Way, _ line: String, timeout: Duration = .seconds(20)) async throws -> CommandResult {
    try await way.transport.execute(CommandRequest(line: line, timeout: timeout, effect: .reads), on: host)
  }

  @Test(arguments: Way.all) func `streams and status come back apart`(_ way: Way) async throws {
    let result = try await run(way, "echo out; echo err >&2; exit 4")
    #expect(result.output == Array("out\n".utf8))
    #expect(result.errorOutput == Array("err\n".utf8))
    #expect(result.status == 4)
  }

  @Test(arguments: Way.all) func `a command that takes too long may have had an effect`(_ way: Way) async {
    let error = await #expect(throws: TransportError.self) {
      try await run(way, "sleep 60", timeout: .milliseconds(50))
    }
    #expect(error == .timedOut(host: "here", after: .milliseconds(50)))
    #expect(error?.effectPossible == true)
  }

  @Test(arguments: Way.all) func `a command that closes its pipes is no longer waited for than any other`(_ way: Way)
    async
  {
    let error = await #expect(throws: TransportError.self) {
      try await run(way, "exec >&- 2>&-; sleep 1000", timeout: .milliseconds(50))
    }
    #expect(error == .timedOut(host: "here", after: .milliseconds(50)))
  }

  @Test(arguments: Way.all) func `what had come of a command that takes too long is kept`(_ way: Way) async {
    let error = await #expect(throws: TransportError.self) {
      try await run(way, "echo one; exec sleep 60", timeout: .milliseconds(500))
    }
    guard case .timedOut(_, _, let got?) = error else {
      Issue.record("no partial answer: \(String(describing: error))")
      return
    }
    #expect(got.output == Array("one\n".utf8) && got.duration >= .milliseconds(500))
  }

  @Test(arguments: Way.all) func `a marked command ends with its shell, and what it started carries the mark`(
    _ way: Way
  ) async throws {
    var request = CommandRequest(
      line: "sleep 1000 & echo $! $OPSH_RUN; kill -0 $! && exit 3",
      timeout: .seconds(60),
      effect: .reads
    )
    request.mark = "query-test"
    let result = try await way.transport.execute(request, on: host)
    let words = String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    #expect(result.status == 3 && result.leftRunning && words.last == "query-test")
    let process = try #require(words.first.flatMap { pid_t($0) })
    #expect(kill(process, SIGKILL) == 0)
  }

  @Test(arguments: Way.all) func `a command that is too long is said to be, and no host is to blame`(_ way: Way) async {
    let error = await #expect(throws: TransportError.self) {
      try await run(way, "true #" + String(repeating: "x", count: CommandLimit.argument))
    }
    #expect(error == .tooLong(host: "here", bytes: CommandLimit.argument + 6, limit: CommandLimit.argument))
    #expect(error?.failureClass == .invalid && error?.hint == CommandLimit.hint)
  }

  @Test(arguments: Way.all) func `a file arrives whole, with its mode, in the place of the old one`(_ way: Way)
    async throws
  {
    let path = NSTemporaryDirectory() + "opsh put \(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for content in ["one", "two"] {
      try await way.transport.put(FileUpload(path: HostPath(path), content: Array(content.utf8), mode: 0o600), on: host)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test(arguments: Way.all) func `a path with a tilde is below the login directory`(_ way: Way) async throws {
    let name = ".opsh-put-\(UUID().uuidString)"
    try await way.transport.put(FileUpload(path: "~/\(name)", content: Array("x".utf8), mode: 0o600), on: host)
    let found = try await run(way, "cat ~/\(name); rm -f ~/\(name)")
    #expect(found.status == 0 && found.output == Array("x".utf8))
  }

  @Test(arguments: Way.all) func `a file that cannot be written is a clear error`(_ way: Way) async {
    let error = await #expect(throws: TransportError.self) {
      try await way.transport.put(FileUpload(path: "/no/such/place", content: [1], mode: 0o600), on: host)
    }
    #expect(error?.code == "host.put_failed")
    #expect(error?.effectPossible == false)
  }

  @Test(arguments: Way.all) func `complete lines are passed on while the command runs`(_ way: Way) async throws {
    let (lines, sink) = AsyncStream<String>.makeStream()
    var request = CommandRequest(line: "printf 'a\\nb\\nc'", timeout: .seconds(20), effect: .reads)
    request.onLine = { sink.yield($0) }
    _ = try await way.transport.execute(request, on: host)
    sink.finish()
    var seen: [String] = []
    for await line in lines { seen.append(line) }
    #expect(seen == ["a", "b", "c"])
  }
}
