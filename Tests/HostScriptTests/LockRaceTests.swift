import Foundation
import HostScript
import Testing

/// Many processes want one host where no flock is, and some die with it.
struct LockRaceTests {
  // It takes the lock, looks whether a living process is inside, counts, and now and then dies there.
  private static let racer = """
    . "$HOME/lib.sh"
    RUN=$1 VERB=race O_WAIT=0 n=0
    while [ $n -lt 8 ]; do
      n=$((n + 1))
      until lock_take; do :; done
      w=
      { read -r w <"$HOME/who"; } 2>/dev/null || :
      set -- $w
      ! is_alive "${1:-}" "${2:-}" || echo "$$ came to $w" >>"$HOME/two"
      echo "$$ $SELF_TICKS" >"$HOME/who"
      c=0
      { read -r c <"$HOME/count"; } 2>/dev/null || :
      echo $((c + 1)) >"$HOME/count"
      [ $((($$ + n) % 5)) != 0 ] || kill -9 $$
      : >"$HOME/who"
      lock_release
    done
    """

  @Test(arguments: Shell.installed)
  func `without flock no two processes ever hold a host, whoever dies with it`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let path = try await host.pathWithout("flock")
      let text = try TestHost.script().text
      try host.write(text.replacing("\nmain \"$@\"\nexit $?\n", with: "\n"), "lib.sh")
      try host.write(Self.racer, "racer.sh")
      try FileManager.default.createDirectory(atPath: "\(host.home)/.opsh", withIntermediateDirectories: true)
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<10 {
          group.addTask {
            for turn in 0..<2 {
              let words = host.shell.command + ["\(host.home)/racer.sh", "r\(number)-\(turn)"]
              _ = try? await host.ending(words, ["PATH": path])
            }
          }
        }
      }
      #expect(host.contents("two") == "")
      let numbers = try FileManager.default.contentsOfDirectory(atPath: "\(host.home)/.opsh/lock.n").compactMap {
        Int($0)
      }
      let count = try #require(Int(host.contents("count").trimmingCharacters(in: .newlines)))
      // Every holder counted once, and nobody between the look and the count of another.
      #expect(count >= 20 && numbers.max() == count)
    }
  }

  @Test(arguments: Shell.installed)
  func `without flock the newest of many epochs is the one that stays`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let path = try await host.pathWithout("flock")
      let codes = await withTaskGroup(of: String?.self) { group in
        for number in 1...12 {
          group.addTask {
            let words = ["fence", "--epoch", "\(number)"]
            return (try? await host.run(words, environment: ["PATH": path]))?.code ?? "none"
          }
        }
        return await group.reduce(into: Set<String?>()) { $0.insert($1) }
      }
      #expect(codes.isSubset(of: ["none", "host.stale_epoch"]))
      #expect(host.contents(".opsh/epoch") == "12\n")
    }
  }

  @Test func `a worker whose caller died with the lock does not work beside another`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let path = try await host.pathWithout("flock")
      // The worker waits before it takes the lock over.
      try host.write(
        try TestHost.script().text.replacing(
          "\n  lock_adopt ||",
          with: "\n  touch \"$HOME/waits\"; until [ -e \"$HOME/go\" ]; do sleep 0.05; done\n  lock_adopt ||"
        ),
        "slow.sh"
      )
      let words = ["restart", "--bots", "bot1", "--settle", "0", "--run", "r1"]
      async let caller = host.run(words, environment: ["PATH": path], script: "slow.sh")
      try await host.until { host.exists("waits") }
      let owner = host.contents(".opsh/lock.owner").split(separator: " ").first.flatMap { pid_t($0) }
      kill(try #require(owner), SIGKILL)
      let before = host.processes
      let other = try await host.run(["inspect", "--bots", "bot1"], environment: ["PATH": path])
      #expect(other.status == 0)
      async let second = host.run(
        ["stop", "--bots", "bot1", "--stop", "5", "--run", "r2"],
        environment: ["PATH": path]
      )
      #expect(try await second.results.map(\.outcome) == [.stopped])
      try host.touch("go")
      _ = try? await caller
      try await host.until { !host.processesRunning("slow.sh") }
      #expect(!before.isEmpty && host.processes.isEmpty)
    }
  }
}
