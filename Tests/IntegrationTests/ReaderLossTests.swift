import Foundation
import OpshLab
import Testing

/// The reader of a pipe that leaves stops whatever it read, as one Ctrl-C does, and nothing is lost.
@Suite(.timeLimit(.minutes(5)))
struct ReaderLossTests {
  private static let book = """
    return { version = "1.0.0", effects = { "changes" },
      run = function(job)
        for _, word in ipairs { "one", "two", "three" } do
          job:step(word, function()
            fleet.exec { on = "web001", cmd = "sleep 1; touch " .. word }
          end, { undo = function() fleet.exec { on = "web001", cmd = "sleep 1; rm -f " .. word } end })
        end
      end }
    """

  /// Runs opsh into a pipe whose reader leaves once it has read some words and so many files are there, or at once; answers the
  /// status and what was read.
  private func run(_ fleet: RealFleet, _ words: [String], until text: String? = nil, files: Int = 0) async throws
    -> (Int32, String)
  {
    let process = Process()
    // Programs that other tests start meanwhile must not hold the reading end open.
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    for end in ends { #expect(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
    let reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    let writing = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    process.executableURL = URL(filePath: Opsh.program)
    process.arguments = ["--site", fleet.lab.site] + words
    process.environment = ["HOME": fleet.opsh.home ?? "", "PATH": "/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardOutput = writing
    var read = ""
    if text == nil { try reading.close() }
    let ended = AsyncStream<Void>.makeStream()
    process.terminationHandler = { _ in ended.continuation.finish() }
    try process.run()
    try writing.close()
    if let text {
      while !read.contains(text), let data = try reading.read(upToCount: 1), !data.isEmpty {
        read += String(decoding: data, as: UTF8.self)
      }
      while process.isRunning, done(fleet).count != files { try await Task.sleep(for: .milliseconds(10)) }
      try reading.close()
    }
    for await _ in ended.stream {}
    return (process.terminationStatus, read)
  }

  private func done(_ fleet: RealFleet) -> [String] {
    let home = fleet.lab.layout.home(of: "web001")
    return ["one", "two", "three"].filter { FileManager.default.fileExists(atPath: "\(home)/\($0)") }
  }

  private func newest(_ fleet: RealFleet) async throws -> (id: String, state: String) {
    let runs = try await fleet.opsh(#"for _, r in ipairs(runs()) do print(r.id .. " " .. r.state) end"#)
    let words = try #require(runs.lines.first).split(separator: " ").map(String.init)
    return (words[0], words[1])
  }

  @Test func `nothing begins for a reader that is gone, and what it leaves in the middle can be resumed`() async throws
  {
    try await RealFleet.with(hosts: 1) { fleet in
      let book = "\(fleet.opsh.home ?? "")/words.lua"
      try Self.book.write(toFile: book, atomically: true, encoding: .utf8)
      // A runbook that shows its plan, a script, and code.
      for words in [[book], ["-e", #"print(1) fleet.exec { on = "web001", cmd = "touch one" }"#]] {
        let (status, _) = try await run(fleet, ["--yes"] + words)
        #expect(status == 130, "\(words)")
        #expect(done(fleet) == [], "\(words)")
      }
      // In the middle of a run, which is silent while it works.
      let (status, read) = try await run(fleet, ["--yes", book], until: "run: ", files: 1)
      #expect(status == 5, "\(read)")
      let left = done(fleet)
      #expect(left.count < 3)
      let stopped = try await newest(fleet)
      #expect(stopped.state == "interrupted")
      // A resume that nobody reads does nothing, one that is read to its end finishes.
      #expect(try await run(fleet, ["--yes", "resume", stopped.id]).0 != 0)
      #expect(done(fleet).count < 3)
      let resumed = try await fleet.opsh.run(["--yes", "resume", stopped.id])
      #expect(resumed.status == 0, "\(resumed)")
      #expect(done(fleet) == ["one", "two", "three"])
      // A rollback, too: before it begins, and in its middle.
      #expect(try await run(fleet, ["--yes", "rollback", stopped.id]).0 != 0)
      #expect(done(fleet) == ["one", "two", "three"])
      let (undone, _) = try await run(fleet, ["--yes", "rollback", stopped.id], until: "run: ", files: 2)
      #expect(undone == 5)
      #expect(!done(fleet).isEmpty)
      let finished = try await fleet.opsh.run(["--yes", "rollback", stopped.id])
      #expect(finished.status == 0, "\(finished)")
      #expect(done(fleet) == [])
    }
  }
}
