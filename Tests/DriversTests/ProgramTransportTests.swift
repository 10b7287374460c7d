import Drivers
import Foundation
import PrimitiveKit
import Testing

/// What a program that reaches hosts says of itself, and what can have happened there.
@Suite(.timeLimit(.minutes(1))) struct ProgramTransportTests {
  private let host = HostAddress(
    name: "db1",
    address: "10.0.0.7",
    port: 2222,
    user: "ops",
    kind: .init(rawValue: "own")
  )

  private func program(_ words: [String]) throws -> TransportProgram {
    try TransportProgram(reading: DataField(.array(words.map(Value.string)), path: "command"))
  }

  private func error(_ words: String...) async throws -> TransportError { try await error(of: words) }

  private func error(of words: [String], line: String = "true") async throws -> TransportError {
    let transport = ProgramTransport(program: try program(words))
    let request = CommandRequest(line: line, timeout: .seconds(20), effect: .reads)
    return try #require(
      await #expect(throws: TransportError.self) { try await transport.execute(request, on: host) }
    )
  }

  @Test func `a program that ends before the command began has done nothing`() async throws {
    let error = try await error("sh", "-c", "echo starting >&2; echo no route >&2; exit 255", "x", "%c")
    #expect(error == .unreachable(host: "db1", reason: "sh exited with status 255: no route", hint: nil))
    #expect(!error.effectPossible)
  }

  @Test func `one that is killed, or whose last word is missing, leaves the effect unknown`() async throws {
    let killed = try await error("sh", "-c", "kill -KILL $$", "x", "%c")
    #expect(killed.effectPossible && killed.code == "host.lost")
    let cut = try await error("sh", "-c", #"sh -c "$1" 2>&1 >/dev/null | head -n 1 >&2"#, "x", "%c")
    #expect(cut == .lost(host: "db1", reason: "sh exited with status 0"))
  }

  @Test(arguments: [
    #"sh -c "$1" 2>&1"#, #"sh -c "$1" 2>/dev/null"#, #"sh -c "$1" 2>/dev/null; exit 0"#,
    // As a terminal does: it mixes the streams and ends lines in its own way.
    #"sh -c "$1" 2>&1 | sed 's/$/\r/'; exit 7"#, #"sh -c "$1" 2>&1 | sed 's/$/\r/' >&2; exit 7"#,
  ])
  func `one that does not pass on standard error by itself leaves the effect unknown, whatever it exits with`(
    wrapper: String
  ) async throws {
    for line in ["true", "exit 3"] {
      let error = try await error(of: ["sh", "-c", wrapper, "x", "%c"], line: line)
      #expect(error.code == "host.lost" && error.effectPossible, "\(line): \(error)")
    }
    let error = try await error(of: ["sh", "-c", #"sh -c "$1" 2>&1"#, "x", "%c"])
    let words = "sh exited with status 0; it does not pass on standard error by itself, as a transport must"
    #expect(error.message.hasSuffix(words), "\(error)")
  }

  @Test func `a program that is named with a slash is looked for from the folder of its plugin`() throws {
    func words(_ words: String...) throws -> [String] {
      try program(words).located(in: "/a 50%").arguments(for: host, command: "x")
    }
    #expect(try words("./reach", "%h", "%c") == ["/a 50%/./reach", "db1", "x"])
    #expect(try words("reach", "%c") == ["reach", "x"] && words("/bin/reach", "%c") == ["/bin/reach", "x"])
  }

  @Test func `one that is not installed is a fault of this machine`() async throws {
    let error = try await error("opsh-no-such-program", "%c")
    #expect(error.code == "local.fault" && error.message.contains("opsh-no-such-program"), "\(error)")
    #expect(try await self.error("/no/such/program", "%c").code == "local.fault")
  }

  @Test func `one that is installed and finds no shell on the far side is not to be installed`() async throws {
    let error = try await error("sh", "-c", "echo no sh in the container >&2; exit 127", "x", "%c")
    #expect(error == .unreachable(host: "db1", reason: "sh exited with status 127: no sh in the container", hint: nil))
  }

  @Test func `what differs from host to host is filled in`() throws {
    let program = try program(["reach", "-p%p", "%u@%a", "--name=%h", "100%%", "%c", "x%hx%px"])
    let words = program.arguments(for: host, command: "a %h b")
    #expect(words == ["reach", "-p2222", "ops@10.0.0.7", "--name=db1", "100%", "a %h b", "xdb1x2222x"])
  }

  @Test(arguments: [
    (["ssh", "%a"], "once", "command"), (["ssh", "%c", "%c"], "once", "command"),
    (["%c", "ssh"], "the program comes first", "command"),
    (["ssh", "sh -c %c"], "an argument of its own", "command[2]"), (["ssh", "%x", "%c"], "%x stands", "command[2]"),
    (["ssh", "50%", "%c"], "% stands for nothing", "command[2]"), ([], "once", "command"),
  ])
  func `a mistake in the arguments is told`(words: [String], hint: String, path: String) {
    let error = #expect(throws: DataError.self) { try program(words) }
    #expect(error?.hint?.contains(hint) == true && error?.path == path, "\(String(describing: error))")
  }
}
