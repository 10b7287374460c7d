import Foundation

/// The real ClusterShell, asked about many sets in one process.
enum ClusterShell {
  static let isInstalled = FileManager.default.fileExists(
    atPath: "/usr/lib/python3/dist-packages/ClusterShell/NodeSet.py"
  )

  /// What ClusterShell knows in the comparison: the same groups and names as `LabResolver`.
  private static let script = """
    import sys
    sys.path.insert(0, "/usr/lib/python3/dist-packages")
    from ClusterShell.NodeSet import NodeSet, NodeSetException
    from ClusterShell.NodeUtils import GroupResolver, GroupSource
    everything, groups = "", {}
    for line in open(sys.argv[1]).read().splitlines():
        key, value = line.split("\\t")
        if key == "*": everything = value
        else: groups[key] = value
    resolver = GroupResolver(GroupSource("lab", groups, everything))
    with open(sys.argv[3], "w") as output:
        for line in open(sys.argv[2]).read().splitlines():
            try:
                found = NodeSet(line, resolver=resolver)
                print("%s\\t%d\\t%s" % (found, len(found), ",".join(found)), file=output)
            except (NodeSetException, ValueError, AssertionError) as error:
                print("ERROR", file=output)
    """

  struct Answer: Equatable {
    var folded: String
    var count: Int
    var names: [String]
  }

  /// One answer per set, nil where ClusterShell refuses the text.
  static func answers(to sets: [String], resolver: LabResolver) async throws -> [Answer?] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nameset-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let site = folder.appendingPathComponent("site")
    let input = folder.appendingPathComponent("sets")
    let known =
      ["*\t\(resolver.all.joined(separator: ","))"]
      + resolver.members.map { "\($0.key)\t\($0.value.joined(separator: ","))" }
    try known.joined(separator: "\n").write(to: site, atomically: false, encoding: .utf8)
    try sets.joined(separator: "\n").write(to: input, atomically: false, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    let output = folder.appendingPathComponent("answers")
    process.arguments = ["-c", script, site.path, input.path, output.path]
    // Waiting in place would hold a thread that the other tests need.
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in continuation.resume() }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    let data = try Data(contentsOf: output)
    return String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map
    {
      let fields = $0.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 3, let count = Int(fields[1]) else { return nil }
      return Answer(
        folded: String(fields[0]),
        count: count,
        names: count == 0 ? [] : fields[2].split(separator: ",").map(String.init)
      )
    }
  }
}
