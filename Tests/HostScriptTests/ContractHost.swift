import Foundation
import HostScript
import HostScriptTesting
import OpshLab
import PrimitiveKit
import Subprocess
import Synchronization

/// What the contract is run against: the script of each runtime in each shell, and the model that stands for it in other tests.
enum Subject: String, CaseIterable, Sendable {
  case dash, busybox, systemd, model
  case systemUnits = "system units"

  static let all = allCases.filter { subject in
    switch subject {
    case .model: true
    case .systemd, .systemUnits: UnitHost.obstacle == nil
    case .dash, .busybox: Shell.installed.contains { $0.rawValue == subject.rawValue }
    }
  }

  /// Runs a body on a fresh host with the bots bot1 and bot2 on v1.
  func with(_ body: (any ContractHost) async throws -> Void) async throws {
    switch self {
    case .model:
      let subject = ModelSubject()
      let v1 = try await subject.image("v1")
      _ = try await subject.ask(["swap", "--bots", "bot1 bot2"] + v1.options)
      try await body(subject)
    case .systemd:
      try await TestHost.withUnits { host, _ in try await with(host, body) }
    case .systemUnits:
      try await TestHost.withUnits(scope: .system) { host, _ in try await with(host, body) }
    case .dash, .busybox:
      try await TestHost.with(Shell(rawValue: rawValue) ?? .dash) { host in try await with(host, body) }
    }
  }

  private func with(_ host: TestHost, _ body: (any ContractHost) async throws -> Void) async throws {
    let subject = ScriptSubject(host: host)
    let v1 = try await subject.image("v1")
    _ = try await host.swap("v1", v1.digest, bots: "bot1 bot2")
    try await body(subject)
  }
}

/// A host as whoever calls its script knows it.
protocol ContractHost: Sendable {
  func ask(_ arguments: [String], input: [UInt8]) async throws -> Reply
  func image(_ name: String, isBad: Bool) async throws -> ContractImage
  /// Does something while a command is at work under this ticket.
  func whileAtWork(_ ticket: String, _ body: () async throws -> Void) async throws
  /// Puts a file where an upload leaves it.
  func send(_ text: String, to path: String) throws
  func file(_ path: String) -> String?
  /// Makes the host remember an epoch as an earlier version did.
  func remember(_ epoch: Int) throws
}

extension ContractHost {
  func ask(_ arguments: [String]) async throws -> Reply { try await ask(arguments, input: []) }
  func image(_ name: String) async throws -> ContractImage { try await image(name, isBad: false) }

  func exec(_ line: String, input: String = "", run: String, more: [String] = []) async throws -> Reply {
    let payload = Array((line + input).utf8)
    let words = [
      "exec", "--bytes", "\(line.utf8.count)", "--sha256", SHA256(hashing: payload).hex, "--limit", "1000", "--run",
      run,
    ]
    return try await ask(words + more, input: payload)
  }

  /// The host's clock, in seconds since 1970.
  func now() async throws -> Int {
    try HostEpoch(await ask(["epoch"]).line(.host)).now
  }
}

struct ContractImage: Sendable {
  let name: String
  let digest: String
  let source: String

  var options: [String] { ["--image", name, "--digest", digest, "--source", source, "--settle", "0", "--stop", "5"] }
}

/// What a host said.
struct Reply: Sendable {
  struct Missing: Error { let text: String }

  let status: Int?
  let bytes: [UInt8]

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var lines: [HostLine] { text.split(separator: "\n").compactMap { try? HostLine(parsing: String($0)) } }
  var code: String? { lines.last { $0.kind == .error }?["code"] }
  var message: String? { lines.last { $0.kind == .error }?["message"] }
  var results: [SwapResult] { get throws { try lines.filter { $0.kind == .result }.map { try SwapResult($0) } } }
  var bots: [HostBot] { get throws { try lines.filter { $0.kind == .bot }.map { try HostBot($0) } } }

  func line(_ kind: HostLine.Kind) throws -> HostLine {
    guard let line = lines.first(where: { $0.kind == kind }) else { throw Missing(text: text) }
    return line
  }
}

struct ScriptSubject: ContractHost {
  let host: TestHost

  func ask(_ arguments: [String], input: [UInt8]) async throws -> Reply {
    // In the login directory, as over SSH.
    let login = ["sh", "-c", "cd && exec \"$@\"", "login"] + host.shell.command + ["\(host.inner)/host.sh"]
    let ending = try await host.ending(login + arguments, [:], input)
    return Reply(status: ending.status.map(Int.init), bytes: ending.output)
  }

  func image(_ name: String, isBad: Bool) async throws -> ContractImage {
    let digest = try await host.image(name, behaviour: isBad ? "crash" : "")
    return ContractImage(name: name, digest: digest, source: "\(host.inner)/\(name).tar.gz")
  }

  func whileAtWork(_ ticket: String, _ body: () async throws -> Void) async throws {
    async let caller = exec("touch begun; until [ -e go ]; do sleep 0.1; done", run: ticket)
    try await host.until { host.exists("begun") }
    try await body()
    try host.touch("go")
    _ = try await caller
  }

  func send(_ text: String, to path: String) throws {
    try text.write(toFile: "\(host.home)/\(path)", atomically: true, encoding: .utf8)
    try host.units?.own("\(host.home)/\(path)")
  }

  func file(_ path: String) -> String? { host.exists(path) ? host.contents(path) : nil }
  func remember(_ epoch: Int) throws { try send("\(epoch)\n", to: ".opsh/epoch") }
}

final class ModelSubject: ContractHost {
  private let model: Mutex<ModelHost>

  init() {
    var host = ModelHost()
    host.now = 1_795_261_502
    model = Mutex(host)
  }

  func ask(_ arguments: [String], input: [UInt8]) async throws -> Reply {
    let result = model.withLock { $0.answer(arguments, input: input) }
    return Reply(status: result.status, bytes: result.output)
  }

  func image(_ name: String, isBad: Bool) async throws -> ContractImage {
    if isBad { model.withLock { $0.swap = .rollsBack } }
    return ContractImage(name: name, digest: "sha256:" + SHA256(hashing: name.utf8).hex, source: name)
  }

  func whileAtWork(_ ticket: String, _ body: () async throws -> Void) async throws {
    model.withLock { $0.atWork = ticket }
    try await body()
    model.withLock { $0.atWork = "" }
  }

  func send(_ text: String, to path: String) throws { model.withLock { $0.files[path] = text } }
  func file(_ path: String) -> String? { model.withLock { $0.files[path] } }
  func remember(_ epoch: Int) throws { model.withLock { $0.epoch = epoch } }
}
