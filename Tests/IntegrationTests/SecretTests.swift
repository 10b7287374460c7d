import Foundation
import OpshLab
import PseudoTerminal
import Synchronization
import Testing

/// Secrets in every use, on a real fleet, and then a search for them in everything that is left behind.
@Suite(.timeLimit(.minutes(5)))
struct SecretTests {
  private static let values = [
    "keyfile": "Kf9-quail/Egg+7%'x", "vault": "vault-Tern\"Nest=42", "pager": "pager-Heron-Wing-88", "pin": "73951",
  ]
  private static let keyRing = "-- key ring --\nSwan-Feather-1177\nGoose-Feather-2288\n"

  /// What would be one of the values, also encoded.
  private static let needles: [(name: String, bytes: Data)] = {
    var texts = values.filter { $0.key != "pin" }.map { ($0.key, $0.value) }
    texts += keyRing.split(separator: "\n").dropFirst().map { ("ring", String($0)) }
    return texts.flatMap { name, text in
      let forms = [text, Data(text.utf8).base64EncodedString().trimmingCharacters(in: ["="]).dropLast().description]
      return forms.map { (name, Data($0.utf8)) }
    }
  }()

  private static func found(_ data: Data) -> [String] {
    needles.filter { data.range(of: $0.bytes) != nil }.map(\.name)
  }

  /// Gives the site of the fleet secrets.
  private func prepare(_ fleet: RealFleet) throws {
    let home = try #require(fleet.opsh.home)
    for (name, text) in [
      ("keyfile", Self.values["keyfile"] ?? ""), ("vaultfile", Self.values["vault"] ?? ""),
      ("ring", Self.keyRing), ("pin", Self.values["pin"] ?? ""),
    ] {
      let path = "\(home)/sources/\(name)"
      try FileManager.default.createDirectory(atPath: "\(home)/sources", withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
    let secrets = """
      secrets = {
          keyfile = { file = "~/sources/keyfile" }, ring = { file = "~/sources/ring", whole = true },
          vault = { command = { "cat", "\(home)/sources/vaultfile" } }, pager = { env = "PAGER_KEY" },
          pin = { file = "~/sources/pin" },
        },
        settle = 2,
      """
    let text = try String(contentsOfFile: fleet.lab.site, encoding: .utf8)
      .replacing(#"  secrets = { pager = { command = { "printf", "key-of-the-lab" } } },"#, with: "")
      .replacing("settle = 2,", with: secrets)
    try text.write(toFile: fleet.lab.site, atomically: true, encoding: .utf8)
  }

  private static let runbook = """
    return {
      version = "1.0.0", summary = "Rotates a key and checks it", effects = { "changes" },
      params = { { "key", type = "secret" }, { "token", type = "secret" }, { "ring", type = "secret" } },
      run = function(job, args)
        local put = job:step("put", function()
          fleet.put { on = "*", path = "dest/key", content = args.key, mode = "0600" }
          fleet.put { on = "*", path = "dest/ring", content = args.ring }
          return { args = args, shown = tostring(args.key) }
        end)
        job:step("check", function()
          fleet.exec { on = "*", env = { TOKEN = args.token }, input = args.key,
            cmd = 'test "$(cat)" = "$(cat dest/key)" && test "$(stat -c %a dest/ring)" = 600 && test -n "$TOKEN" && sleep 0.5' }
        end)
        job:step("look", function()
          local all = fleet.exec { on = "*", env = { TOKEN = args.token }, check = false,
            cmd = 'cat dest/key dest/ring; echo "$TOKEN" >&2; printf %s "$TOKEN" | base64; exit 3' }
          return all
        end)
      end,
    }
    """

  @Test func `no value is found anywhere but where it was put`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      try prepare(fleet)
      var opsh = fleet.opsh
      opsh.variables["PAGER_KEY"] = Self.values["pager"]
      let home = try #require(fleet.opsh.home)
      let place = URL(filePath: home).deletingLastPathComponent().path
      try Self.runbook.write(toFile: "\(home)/rotate.lua", atomically: true, encoding: .utf8)
      let words = ["\(home)/rotate.lua", "key=keyfile", "token=vault", "ring=ring"]
      var said = ""
      let watch = ProcessWatch()

      #expect(try await opsh(#"fleet.exec<on="*", cmd="mkdir dest">"#, "--yes").status == 0)
      let dry = try await opsh.run(["--dry-run", "--record", "\(home)/recording", "--json"] + words)
      said += dry.description
      #expect(dry.status == 0, "\(dry)")
      #expect(dry.output.contains("key=‹secret keyfile›"), "\(dry)")
      let again = try await opsh.run(["--dry-run", "--replay", "\(home)/recording"] + words)
      said += again.description
      #expect(again.status == 0, "\(again)")

      let live = try await opsh.run(["--yes"] + words, limit: .seconds(100))
      said += live.description
      #expect(live.status == 0, "\(live)")
      let copy = fleet.lab.layout.home(of: "web001") + "/dest"
      #expect(try String(contentsOfFile: "\(copy)/key", encoding: .utf8) == Self.values["keyfile"])
      #expect(try String(contentsOfFile: "\(copy)/ring", encoding: .utf8) == Self.keyRing)
      #expect(live.output.contains("<secret keyfile>"), "\(live)")

      // One line each of what people would try at the prompt.
      for (code, expected) in [
        (
          #"fleet.exec { on = "*", input = secret "pager", cmd = "umask 077; cat >dest/pager" } "#
            + #"fleet.query("*", "cat dest/pager")"#,
          "<secret pager>"
        ),
        (#"fleet.put { on = "*", path = "dest/pin", content = secret "pin" }"#, "2/2 hosts"),
        (#"fleet.exec { on = "web001", env = { A = secret "pager", B = "plain" }, cmd = "env; exit 1" }"#, "1 failed"),
        (
          #"for _, s in ipairs(secret.list()) do print(s.name, s.readers, s.masked, s.problem) end"#,
          "shorter than 6 bytes"
        ),
        (#"print_all(runs()) print_all(run(runs()[1].id)) print(secret "vault")"#, "‹secret vault›"),
        (#"error("x" .. secret "vault")"#, "attempt to concatenate a secret value"),
        (#"print(json.encode { secret "vault" })"#, "is ‹secret vault›"),
      ] {
        let run = try await opsh(code, "--yes")
        said += run.description
        #expect(run.description.contains(expected), "\(code): \(run)")
      }
      let last = try await opsh(
        #"fleet.exec { on = "web001", cmd = "true", input = "Literal-Ostrich-Text-99" }"#,
        "--yes"
      )
      said += last.description
      let put = try await opsh(
        #"fleet.put { on = "web001", path = "dest/lit", content = "Literal-Emu-77", mode = "0600" }"#
      )
      said += put.description
      #expect(last.status == 0 && put.status == 0, "\(last) \(put)")
      let export = try await opsh.run(["audit", "export"])
      #expect(export.output.contains("keyfile"))
      said += export.description + (try await opsh.run(["runs", "--json"])).description
      try await session(opsh)

      let cmdlines = watch.stop()
      #expect(cmdlines.looks > 100)
      #expect(Self.found(cmdlines.seen) == [], "on a command line")
      #expect(Self.found(Data(said.utf8)) == [], "in what was printed: \(said)")
      let journals = try files(in: place).filter { $0.hasSuffix(".journal") || $0.contains(".journal-") }
      #expect(!journals.isEmpty)
      for path in journals {
        let data = FileManager.default.contents(atPath: "\(place)/\(path)") ?? Data()
        for text in ["Literal-Ostrich-Text-99", "Literal-Emu-77"] {
          #expect(data.range(of: Data(text.utf8)) == nil, "\(text) in \(path)")
        }
      }
      // What the operator named: where the values come from, and where they were put.
      for path in try files(in: place) where !path.contains("/sources/") && !path.contains("/dest/") {
        let data = FileManager.default.contents(atPath: "\(place)/\(path)") ?? Data()
        #expect(Self.found(data) == [], "in \(path)")
      }
    }
  }

  /// A session at the prompt, whose history is kept.
  private func session(_ opsh: Opsh) async throws {
    let terminal = try opsh.terminal()
    try await terminal.expect("> ")
    try terminal.send("fleet.exec{ on = \"web001\", cmd = \"echo $A\", env = { A = secret \"pager\" } }\n")
    try await terminal.expect("ok, 1 change")
    try terminal.send("secret \"pager\"\n")
    try await terminal.expect("‹secret pager›")
    try terminal.send("\u{4}")
    _ = try await terminal.exit()
  }

  private func files(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
      var isDirectory: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isDirectory)
        && !isDirectory.boolValue
    }
  }
}

/// Reads the command lines of all processes again and again.
private final class ProcessWatch: Sendable {
  private struct State {
    var lines: Set<Data> = []
    var looks = 0
    var isOver = false
    var isDone = false
  }

  private let state = Mutex(State())

  init() {
    Thread.detachNewThread { [self] in
      while !state.withLock({ $0.isOver }) {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let lines = entries.filter { Int($0) != nil }.compactMap {
          FileManager.default.contents(atPath: "/proc/\($0)/cmdline")
        }
        state.withLock { state in
          state.lines.formUnion(lines)
          state.looks += 1
        }
        usleep(2000)
      }
      state.withLock { $0.isDone = true }
    }
  }

  func stop() -> (seen: Data, looks: Int) {
    state.withLock { $0.isOver = true }
    return state.withLock { ($0.lines.reduce(into: Data()) { $0.append($1 + [10]) }, $0.looks) }
  }
}
