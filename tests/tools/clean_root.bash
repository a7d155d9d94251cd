# SPDX-License-Identifier: MIT
# A Debian of its own for the tests of packages, in the long suite: $root, with processes in a view of their own that ends with them.
make_packages() {
  command -v cpack >/dev/null && command -v dpkg-shlibdeps >/dev/null || skip "no cpack, or no dpkg-dev, here"
  cpack --config "$BUILD_DIR/CPackConfig.cmake" -B "$scratch/made" >log 2>&1 || fail "cpack"
  deb=$(echo made/auralis_*.deb)
  [[ -s $deb ]] || fail "no package: $(ls made)"
}
# make_root OPTION...: of mmdebstrap.
make_root() {
  command -v mmdebstrap >/dev/null && [[ $(id -u) == 0 ]] && unshare --mount true || skip "no mmdebstrap, or not root, for a clean root"
  root=$scratch/rootfs
  mmdebstrap --quiet "$@" bookworm "$root" 2>log || fail "mmdebstrap"
}
in_root() {
  # shellcheck disable=SC2016
  unshare --mount sh -c 'root=$1 && shift && mount --bind /proc "$root/proc" && mount --bind /dev "$root/dev" &&
    exec chroot ${user:+--userspec=$user} "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"' \
    sh "$root" "$@"
}
