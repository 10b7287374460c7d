/// What `statvfs@openssh.com` tells about a file system (`PROTOCOL` in OpenSSH's sources).
struct FileSystemSpace {
  private let blockSize, freeBlocks, files, freeFiles: UInt64

  init?(_ answer: [UInt8]) {
    var reader = SSHReader(answer)
    var numbers: [UInt64] = []
    while let number = reader.uint64() { numbers.append(number) }
    // f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, …
    guard numbers.count >= 8 else { return nil }
    (blockSize, freeBlocks, files, freeFiles) = (numbers[1], numbers[4], numbers[5], numbers[7])
  }

  /// Whether a file of this size no longer fits; some file systems count no files.
  func isFull(for size: Int) -> Bool {
    freeBlocks == 0 || (files > 0 && freeFiles == 0)
      || freeBlocks.multipliedReportingOverflow(by: blockSize).partialValue < UInt64(size)
  }
}
