import Foundation
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SiteFileTests {
  /// Writes a site and runs code with it.
  private func run(_ code: String, site: String) async throws -> (Opsh.Outcome, String) {
    let directory = RealFleet.scratch()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/site.lua"
    try site.write(toFile: path, atomically: true, encoding: .utf8)
    return (try await Opsh(site: path, home: directory)(code), path)
  }

  @Test(arguments: [
    ("return {\n  name = \"x\",\n  hosts = {\n    { name = \"web1\", prot = 22 },\n  },\n}\n", ":4: hosts[1].prot: "),
    ("return {\n  name = \"x\",\n  hosts = {},\n}\n", ":3: hosts: expected at least one host, got "),
    ("return {\n  name = \"x\",\n  ssh = { port = \"x\" },\n  hosts = { { name = \"a\" } },\n}\n", ":3: ssh.port: "),
    ("return { name = \n", ":2: "),
    ("return { name = os.time() }\n", ":1: "),
  ])
  func `a malformed site names file and line, what was expected and what was found`(
    _ site: String,
    _ said: String
  ) async throws {
    let (run, path) = try await run("1", site: site)
    #expect(run.status == 65, "\(run)")
    #expect(run.errors.contains(path + said), "\(run)")
  }

  @Test func `without a site opsh runs and the fleet says that it needs one`() async throws {
    let home = RealFleet.scratch()
    let fine = try await Opsh(site: nil, home: home)("print(1 + 1)")
    #expect(fine.status == 0 && fine.output == "2\n", "\(fine)")
    let fleet = try await Opsh(site: nil, home: home)(#"fleet.deploy<target="all">"#, "--yes")
    #expect(fleet.status == 65, "\(fleet)")
    let words = "fleet.deploy needs a site, and no site was given\n  hint: give one with `--site FILE`"
    #expect(fleet.errors.contains(words), "\(fleet)")
  }

  @Test func `the local transport runs, reads and writes on this machine`() async throws {
    let site = #"return { name = "here", hosts = { { name = "me", transport = "local", bots = "bot1" } } }"#
    let directory = RealFleet.scratch()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try site.write(toFile: directory + "/site.lua", atomically: true, encoding: .utf8)
    let opsh = Opsh(site: nil, home: directory, directory: directory)
    let put = try await opsh(#"fleet.put<on="me", path="\#(directory)/note", content="hello\n", mode="0600">"#)
    #expect(put.status == 0 && put.output.contains("note: 1/1 host"), "\(put)")
    let query = try await opsh(#"fleet.query<on="me", cmd={ "cat", "\#(directory)/note" }>"#)
    #expect(query.status == 0 && query.output.contains("me (1): exit 0\n  hello"), "\(query)")
    let status = try await opsh("fleet.status()")
    #expect(status.status == 0 && status.output.contains("is not on this host"), "\(status)")
    let drift = try await opsh("fleet.drift()")
    #expect(drift.status == 0 && drift.output.contains("missing"), "\(drift)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasPrefix(".") }.sorted() == [
        "note", "site.lua",
      ]
    )
  }

  @Test(arguments: [
    (#"fleet.query("web9", "true")"#, "the site has no web9", "web1"),
    (#"fleet.query("web[2-1]", "true")"#, "of set 'web[2-1]'", "[1-2]"),
    (#"fleet.query("web1!web1", "true")"#, "selects nothing", "name hosts"),
    (#"fleet.deploy<target="web1", speed="immediate">"#, "for the whole fleet only", "'routine'"),
    (#"fleet.deploy<target="all", spedd="fast">"#, "no argument named 'spedd'", "'speed'"),
    (#"fleet.deploy<target="all", image="v9">"#, "the site has no image 'v9'", "v1"),
  ])
  func `a wrong name is one sentence with a hint`(_ code: String, _ said: String, _ hint: String) async throws {
    let digest = "sha256:" + String(repeating: "0a", count: 32)
    let site = """
      return { name = "x", hosts = { { name = "web1", address = "127.0.0.1", bots = "bot1" } },
        images = { v1 = { digest = "\(digest)", source = "none" } }, default_image = "v1" }
      """
    let (run, _) = try await run(code, site: site)
    #expect(run.status == 65, "\(run)")
    #expect(run.output == "")
    #expect(run.errors.contains(said), "\(run)")
    #expect(run.errors.contains("hint: ") && run.errors.contains(hint), "\(run)")
  }
}
