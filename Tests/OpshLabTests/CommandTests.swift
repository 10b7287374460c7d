import Testing

@testable import OpshLab

struct CommandTests {
  @Test(arguments: [
    (["up", "--hosts", "x"], "lab.usage"),
    (["up", "--hosts"], "lab.usage"),
    (["up", "--hosts", "0"], "lab.count"),
    (["up", "--bots-per-host=51"], "lab.count"),
    (["up", "--port", "70000"], "lab.count"),
    (["up", "more"], "lab.usage"),
    (["up", "--dir", "/tmp/a b"], "lab.directory_name"),
    (["up", "--dir="], "lab.usage"),
    (["--fast"], "lab.usage"),
    (["explode"], "lab.usage"),
    ([], "lab.usage"),
    (["break", "sshd"], "lab.usage"),
    (["status", "--dir", "/tmp/opsh-lab-nowhere"], "lab.none"),
    (["down", "--dir", "/tmp/opsh-lab-nowhere"], "lab.none"),
  ])
  func `a wrong command is refused`(arguments: [String], code: String) async {
    let error = await #expect(throws: LabError.self) { try await Command.run(arguments) }
    #expect(error?.code == code)
    #expect(Command.explain(error ?? .usage("")).status == (code == "lab.usage" || code == "lab.count" ? 64 : 1))
  }

  @Test func `help names every kind of break`() async throws {
    let help = try await Command.run(["--help"])
    for kind in Break.allCases { #expect(help.contains("\n  \(kind.rawValue) ")) }
  }

  @Test func `options may stand anywhere`() throws {
    let options = try Options(["--dir=/a", "break", "slow", "--json", "web001"])
    #expect(options.words == ["break", "slow", "web001"])
    #expect(options.directory == "/a")
    #expect(options.json)
  }

  @Test func `a site file is what opsh reads`() throws {
    let block = AddressBlock(directory: "/lab")
    let hosts = LabHost.roster(hosts: 2, botsPerHost: 3, staging: true, block: block)
    let record = LabRecord(
      state: .up,
      starter: "1 1",
      user: "ops",
      port: 2200,
      loginAddress: block.login,
      hosts: hosts,
      images: [Image(name: "v1", digest: "sha256:00")],
      seconds: 1
    )
    let text = SiteFile.text(record, Layout(root: "/lab"))
    #expect(
      text == """
        -- Written by `opsh-lab up`; `opsh-lab down` removes it.
        return {
          name = "lab",
          user = "ops",
          ssh = { known_hosts = "/lab/known_hosts", key = "/lab/keys/user_ed25519", agent = false, port = 2200 },
          runtime = "process",
          runtimes = { process = { root = "bots" } },
          systems = { lab = { plugin = "lab", on = "*" } },
          hosts = {
            { name = "web001", address = "\(block.host(0))", bots = "bot[1-3]", groups = { "production" }, tags = { zone = "a" } },
            { name = "web002", address = "\(block.host(1))", bots = "bot[4-6]", groups = { "production" }, tags = { zone = "b" } },
            { name = "stage01", address = "\(block.host(2))", bots = "bot[898-900]", groups = { "staging" }, tags = { zone = "a" } },
          },
          groups = { canary = "web001" },
          targets = { all = "@production", staging = "@staging" },
          images = {
            ["v1"] = { digest = "sha256:00", source = "registry/v1.tar.gz" },
          },
          default_image = "v2",
          settle = 2,
          login_wait = 1,
          secrets = { pager = { command = { "printf", "key-of-the-lab" } } },
          confirm = { yes_allowed = { "routine", "fast", "immediate" } },
        }

        """
    )
  }
}
