import Drivers
import Foundation
import OpshTesting
import PrimitiveKit
import Subprocess
import Testing

/// Where secrets live, and what is wrong with them there.
@Suite(.timeLimit(.minutes(1)))
struct SecretStoreTests {
  private func file(_ name: String, whole: Bool? = nil) -> Value {
    .table(["file": name.value].merging(whole.map { ["whole": .bool($0)] } ?? [:]) { $1 })
  }

  private func open(_ safe: Safe, _ name: String = "key") async throws -> String {
    String(decoding: try await safe.store.open(Secret(name)).bytes, as: UTF8.self)
  }

  @Test func `a file, a variable and a command each have a value`() async throws {
    let safe = try Safe(
      [
        "key": file("~/key"), "beside": file("key"), "whole": file("lines", whole: true),
        "variable": .table(["env": "KEY".value]),
        "command": .table(["command": ["printf", "from a\\tprogram\\n"].value]),
      ],
      environment: ["KEY": "from the environment"]
    )
    try safe.scratch.write("key", "from a file\n", mode: 0o600)
    try safe.scratch.write("lines", "one\ntwo\n", mode: 0o400)
    #expect(try await open(safe) == "from a file")
    #expect(try await open(safe, "beside") == "from a file")
    #expect(try await open(safe, "whole") == "one\ntwo\n")
    #expect(try await open(safe, "variable") == "from the environment")
    #expect(try await open(safe, "command") == "from a\tprogram")
  }

  struct Flaw: Sendable, CustomTestStringConvertible {
    let text: String?
    let mode: Int
    let message: String
    var testDescription: String { message }
    init(_ text: String?, mode: Int = 0o600, _ message: String) {
      (self.text, self.mode, self.message) = (text, mode, message)
    }
  }

  @Test(arguments: [
    Flaw(nil, "~/key does not exist"),
    Flaw("swordfish", mode: 0o644, "~/key is open to others (mode 0644)"),
    Flaw("swordfish", mode: 0o620, "~/key is open to others (mode 0620)"),
    Flaw("", "~/key is empty"),
    Flaw("\n", "~/key is empty"),
    Flaw("swordfish\nhaddock", "~/key holds 2 lines, and a secret is one"),
    Flaw("swordfish\n\n", "~/key holds 2 lines, and a secret is one"),
    Flaw("swordfish\r\n", "~/key holds a carriage return, as files from Windows have"),
    Flaw("sword\0fish", "~/key holds a NUL byte"),
    Flaw(String(repeating: "swordfish", count: 120_000), "~/key is larger than 1 MiB"),
  ])
  func `a file that is no secret is refused in one sentence, without its content`(flaw: Flaw) async throws {
    let safe = try Safe(["key": file("~/key")])
    if let text = flaw.text { try safe.scratch.write("key", text, mode: flaw.mode) }
    let failure = await #expect(throws: CallFailure.self) { try await open(safe) }
    #expect(failure?.message == "‹secret key› cannot be used: \(flaw.message)")
    #expect(failure?.message.contains("swordfish") == false && failure?.hint?.contains("swordfish") != true)
  }

  @Test func `a directory, a pipe and a file of somebody else are refused`() async throws {
    let safe = try Safe(["key": file("folder"), "pipe": file("pipe"), "foreign": file("foreign")])
    try FileManager.default.createDirectory(atPath: "\(safe.scratch.path)/folder", withIntermediateDirectories: true)
    try #require(mkfifo("\(safe.scratch.path)/pipe", 0o600) == 0)
    let folder = await #expect(throws: CallFailure.self) { try await open(safe) }
    #expect(folder?.message == "‹secret key› cannot be used: folder is a directory")
    let pipe = await #expect(throws: CallFailure.self) { try await open(safe, "pipe") }
    #expect(pipe?.message == "‹secret pipe› cannot be used: pipe is not a regular file")
    try safe.scratch.write("foreign", "swordfish", mode: 0o600)
    // Only root gives a file away.
    guard geteuid() == 0 else { return }
    try #require(chown("\(safe.scratch.path)/foreign", 65_534, 65_534) == 0)
    let foreign = await #expect(throws: CallFailure.self) { try await open(safe, "foreign") }
    #expect(foreign?.message.hasPrefix("‹secret foreign› cannot be used: foreign belongs to ") == true)
    #expect(foreign?.failureClass == .refused)
  }

  @Test func `a file that git tracks is refused, through a link too, and one that it ignores is not`() async throws {
    let safe = try Safe(["key": file("repository/key"), "link": file("link"), "other": file("repository/other")])
    let repository = "\(safe.scratch.path)/repository"
    try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
    try safe.scratch.write("repository/key", "swordfish\n", mode: 0o600)
    try safe.scratch.write("repository/other", "haddock-1\n", mode: 0o600)
    try FileManager.default.createSymbolicLink(
      atPath: "\(safe.scratch.path)/link",
      withDestinationPath: "repository/key"
    )
    for words in [["init", "-q"], ["add", "key"]] {
      let ending = try await Subprocess(path: "/usr/bin/git", arguments: ["-C", repository] + words).run()
      try #require(ending.status == 0)
    }
    for (name, path) in [("key", "repository/key"), ("link", "link")] {
      let failure = await #expect(throws: CallFailure.self) { try await open(safe, name) }
      #expect(failure?.message == "‹secret \(name)› cannot be used: git tracks \(path)")
    }
    #expect(try await open(safe, "other") == "haddock-1")
    // A repository that git cannot read proves nothing.
    try FileManager.default.removeItem(atPath: "\(repository)/.git/HEAD")
    let unknown = await #expect(throws: CallFailure.self) { try await open(safe, "other") }
    #expect(
      unknown?.message.hasPrefix("‹secret other› cannot be used: it cannot be told whether git tracks repository/other")
        == true
    )
  }

  @Test(arguments: [
    (["sh", "-c", "sleep 60"], "`sh` did not finish within 0.2 s and was stopped"),
    (["sh", "-c", "echo no such entry >&2; exit 3"], "`sh` exited with status 3: no such entry"),
    (["sh", "-c", "echo swordfish; echo swordfish >&2; exit 3"], "`sh` exited with status 3"),
    (["sh", "-c", "kill -KILL $$"], "`sh` was ended by signal 9"),
    (["printf", "swordfish\\nhaddock\\n"], "what `printf` printed holds 2 lines, and a secret is one"),
    (["true"], "what `true` printed is empty"),
    (["nope-nope"], "`nope-nope` is not installed on this machine"),
    (["sh", "-c", "yes swordfish"], "`sh` printed more than 65536 bytes and was stopped"),
  ])
  func `a command that prints no value is refused in one sentence`(words: [String], message: String) async throws {
    let safe = try Safe(["key": .table(["command": words.value, "timeout": .number(0.2)])])
    let failure = await #expect(throws: CallFailure.self) { try await open(safe) }
    #expect(failure?.message == "‹secret key› cannot be used: \(message)")
    #expect(failure?.message.contains("swordfish") == false)
  }

  @Test(
    arguments: [
      (nil, "is not set"), ("", "is empty"), ("swordfish\nhaddock", "holds 2 lines, and a secret is one"),
    ] as [(String?, String)]
  )
  func `a variable without a value is refused`(value: String?, message: String) async throws {
    let safe = try Safe(["key": .table(["env": "KEY".value])], environment: value.map { ["KEY": $0] } ?? [:])
    let failure = await #expect(throws: CallFailure.self) { try await open(safe) }
    #expect(failure?.message == "‹secret key› cannot be used: the variable KEY \(message)")
  }

  @Test(arguments: [
    (Value.string("swordfish"), "secrets.key: expected one of"),
    (.table([:]), "got none of them"),
    (.table(["file": "a".value, "env": "B".value]), "got file and env"),
    (.table(["value": "swordfish".value]), "expected a known key, got 'value'"),
    (.table(["env": "a b".value]), "secrets.key.env: expected the name of a variable"),
    (.table(["command": "pass show x".value]), "expected a list of words, which no shell reads"),
    (.table(["env": "A".value, "timeout": .int(3)]), "only a command has a timeout"),
    (.table(["env": "A".value, "whole": .bool(true)]), "only a file can be taken whole"),
  ])
  func `what the site says of a secret is checked, and a value in it is not repeated`(
    entry: Value,
    message: String
  ) throws {
    let error = #expect(throws: DataError.self) { try Safe(["key": entry]) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("swordfish") == false)
  }

  @Test func `a program is asked once a minute, and a file whenever it has changed`() async throws {
    let safe = try Safe([
      "key": .table(["command": ["sh", "-c", "echo x >>~/count; wc -l <~/count"].value]), "f": file("f"),
    ])
    let store = safe.store
    async let first = store.open(Secret("key"))
    async let second = store.open(Secret("key"))
    #expect(try await [first.bytes, second.bytes] == [Array("1".utf8), Array("1".utf8)])
    safe.clock.advance(by: .seconds(61))
    #expect(try await store.open(Secret("key")).bytes == Array("2".utf8))
    try safe.scratch.write("f", "before-1", mode: 0o600)
    let sealed = try await store.seal(Secret("f"))
    #expect(try await store.open(sealed).bytes == Array("before-1".utf8))
    try safe.scratch.write("f", "after-12", mode: 0o600)
    let failure = await #expect(throws: CallFailure.self) { try await store.open(sealed) }
    #expect(failure?.code == "secret.changed")
    #expect(try await store.seal(Secret("f")) != sealed)
  }
}
