import PrimitiveKit
import Testing

@testable import Checks

/// The unit that systemd runs.
struct WatchUnitTests {
  private func unit(names: [String] = [], site: String? = "/etc/it/site.lua") -> WatchUnit {
    WatchUnit(
      names: names,
      site: site,
      program: "/opt/my tools/opsh",
      environment: [
        "PATH": "/bin", "PGPASSFILE": "/srv/pass", "XDG_STATE_HOME": "/var/100%", "HOME": "/root",
        "SSH_AUTH_SOCK": #"/run/a"b\c$d"#,
      ],
      directory: "/srv/it"
    )
  }

  @Test func `words are quoted as systemd reads them`() throws {
    let text = try unit(names: ["host.*", "a$b%c"]).text
    #expect(
      text.contains(#"ExecStart="/opt/my tools/opsh" "--site" "/etc/it/site.lua" "watch" "host.*" "a$$b%%c""# + "\n")
    )
    #expect(text.contains(#"Environment="SSH_AUTH_SOCK=/run/a\"b\\c$d""# + "\n"))
    #expect(text.contains(#"Environment="XDG_STATE_HOME=/var/100%%""# + "\n"))
    #expect(text.contains("\nWorkingDirectory=/srv/it\n") && !text.contains("HOME=/root"))
  }

  @Test func `a program that was replaced meanwhile is named without what the kernel adds`() throws {
    #expect(WatchUnit.own("/opt/opsh (deleted)") == "/opt/opsh" && WatchUnit.own("/opt/opsh") == "/opt/opsh")
    let text = try unit().text
    for words in ["PATH=/bin", "PGPASSFILE=/srv/pass"] { #expect(text.contains("Environment=\"\(words)\"\n")) }
  }

  @Test func `a relative site is named from the root, and none is an error`() throws {
    #expect(try unit(site: "site.lua").text.contains(#""--site" "/srv/it/site.lua""#))
    let failure = #expect(throws: CallFailure.self) { try unit(site: nil).text }
    #expect(failure?.code == "site.missing")
  }
}
