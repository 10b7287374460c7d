import Foundation
import PostgresTesting
import Testing

/// Locks as operators use them: every command is a process of its own.
struct LockCommandTests {
  /// A site of three hosts that nobody asks anything.
  private final class Place {
    private let directory: Scratch

    init(journal: String? = nil) throws {
      directory = try Scratch()
      let line = journal.map { "journal = \"\($0)\"," } ?? ""
      try directory.file(
        "site.lua",
        """
        return {
          name = "lab",
          runtime = "process",
          runtimes = { process = { root = "~/bots" } },
          \(line)
          hosts = { { name = "web[1-3]", address = "127.0.0.[11-13]", bots = "bot[1-3]", groups = { "demo" } } },
        }
        """
      )
    }

    func opsh(_ code: String, _ options: String...) throws -> OpshRun {
      let arguments = options + ["--site", "site.lua", "-e", code]
      return try OpshRun(arguments, environment: ["XDG_STATE_HOME": directory.path], directory: directory)
    }
  }

  @Test(arguments: [false, true])
  func `a lock taken by hand outlives its process and ends with a reason`(isShared: Bool) async throws {
    let place = try Place(journal: isShared ? try await PostgresServer.shared().newSchema() : nil)
    let began = Int(Date().timeIntervalSince1970)
    let taken = try place.opsh(
      #"for _, l in ipairs(lock.take<scope="host/web1", reason="its clock">) do print(l.scope, l.sticky, l.epoch) end"#
    )
    // An epoch is no older than its grant.
    let fields = taken.output.split(whereSeparator: \.isWhitespace).map(String.init)
    #expect(fields.count == 3 && fields.prefix(2) == ["host/web1", "true"], "\(taken)")
    #expect(fields.last.flatMap { Int($0) } ?? 0 >= began, "\(taken)")
    let list = try place.opsh(
      #"local all = locks() print(#all, all[1].scope, all[1].mode, all[1].reason, all[1].expires == "")"#
    )
    #expect(list.output == "1\thost/web1\texclusive\tits clock\ttrue\n", "\(list)")
    // Another process without a terminal could be anybody.
    let refused = try place.opsh(#"lock.take<scope="environment/demo", reason="all">"#)
    #expect(refused.status == 6, "\(refused)")
    #expect(refused.errors.contains("environment/demo cannot be locked: host/web1 is locked by "))
    #expect(refused.errors.contains("(its clock), taken by hand"))
    let other = try place.opsh(#"lock.take<scope="host/web2", reason="disk">"#)
    #expect(other.status == 0, "\(other)")
    let broken = try place.opsh(#"print(lock.break<scope="host/web1", reason="left behind">[1].scope)"#)
    #expect(broken.output == "host/web1\n", "\(broken)")
    let released = try place.opsh(#"print(lock.release<scope="host/web2">[1].reason, #locks())"#)
    #expect(released.output == "disk\t0\n", "\(released)")
    let audit = try place.opsh("print(audit.verify().ok, audit.verify().records)")
    #expect(audit.output == "true\t5\n", "\(audit)")
  }

  @Test func `what is wrong with a lock is said in one sentence`() throws {
    let place = try Place()
    let cases = [
      (#"lock.take<scope="host/web9", reason="x">"#, 65, "web9"),
      (#"lock.take<scope="web1", reason="x">"#, 65, "lock.take: 'scope' should be a scope, got \"web1\""),
      (#"lock.take<scope="host/web[1-2]", reason="x">"#, 65, "'web[1-2]' is not the name of one host"),
      (#"lock.take<scope="fleet", reason="">"#, 65, "lock.take needs a reason"),
      (#"lock.take<scope="environment/dmeo", reason="x">"#, 65, "no environment is called 'dmeo'"),
      (#"lock.take<scope="environment/dmeo", reason="x">"#, 65, "did you mean 'demo'?"),
      (#"lock.reset_epoch<on="endpoint/x", reason="x">"#, 65, "'endpoint/x' has no epoch"),
      (#"lock.release<scope="fleet">"#, 6, "you hold no lock on fleet"),
      (#"lock.break<scope="fleet", reason="x">"#, 6, "no lock is held on fleet"),
    ]
    for (code, status, text) in cases {
      let run = try place.opsh(code)
      #expect(run.status == status, "\(code): \(run)")
      #expect(run.errors.contains(text), "\(code): \(run)")
    }
    let dry = try place.opsh(#"print(#lock.take<scope="fleet", reason="x">)"#, "--dry-run")
    #expect(dry.output.contains("dry run: would lock fleet"), "\(dry)")
    #expect(try place.opsh("print(#locks())").output == "0\n")
  }
}
