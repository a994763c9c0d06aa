/*
 * wnnc.h - network types, as NPGetCaps(WNNC_NET_TYPE) and WNetGetProviderName
 * use them: the type in the high word, a subtype in the low word.
 */
#ifndef _WNNC_
#define _WNNC_

#define WNNC_NET_MSNET           0x00010000
#define WNNC_NET_SMB             0x00020000
#define WNNC_NET_LANMAN          0x00020000
#define WNNC_NET_NETWARE         0x00030000
#define WNNC_NET_VINES           0x00040000
#define WNNC_NET_10NET           0x00050000
#define WNNC_NET_LOCUS           0x00060000
#define WNNC_NET_SUN_PC_NFS      0x00070000
#define WNNC_NET_LANSTEP         0x00080000
#define WNNC_NET_9TILES          0x00090000
#define WNNC_NET_LANTASTIC       0x000A0000
#define WNNC_NET_AS400           0x000B0000
#define WNNC_NET_FTP_NFS         0x000C0000
#define WNNC_NET_PATHWORKS       0x000D0000
#define WNNC_NET_LIFENET         0x000E0000
#define WNNC_NET_POWERLAN        0x000F0000
#define WNNC_NET_BWNFS           0x00100000
#define WNNC_NET_COGENT          0x00110000
#define WNNC_NET_FARALLON        0x00120000
#define WNNC_NET_APPLETALK       0x00130000
#define WNNC_NET_INTERGRAPH      0x00140000
#define WNNC_NET_SYMFONET        0x00150000
#define WNNC_NET_CLEARCASE       0x00160000
#define WNNC_NET_FRONTIER        0x00170000
#define WNNC_NET_BMC             0x00180000
#define WNNC_NET_DCE             0x00190000
#define WNNC_NET_AVID            0x001A0000
#define WNNC_NET_DOCUSPACE       0x001B0000
#define WNNC_NET_MANGOSOFT       0x001C0000
#define WNNC_NET_SERNET          0x001D0000
#define WNNC_NET_RIVERFRONT1     0x001E0000
#define WNNC_NET_RIVERFRONT2     0x001F0000
#define WNNC_NET_DECORB          0x00200000
#define WNNC_NET_PROTSTOR        0x00210000
#define WNNC_NET_FJ_REDIR        0x00220000
#define WNNC_NET_DISTINCT        0x00230000
#define WNNC_NET_TWINS           0x00240000
#define WNNC_NET_RDR2SAMPLE      0x00250000
#define WNNC_NET_CSC             0x00260000
#define WNNC_NET_3IN1            0x00270000
#define WNNC_NET_EXTENDNET       0x00290000
#define WNNC_NET_STAC            0x002A0000
#define WNNC_NET_FOXBAT          0x002B0000
#define WNNC_NET_YAHOO           0x002C0000
#define WNNC_NET_EXIFS           0x002D0000
#define WNNC_NET_DAV             0x002E0000
#define WNNC_NET_KNOWARE         0x002F0000
#define WNNC_NET_OBJECT_DIRE     0x00300000
#define WNNC_NET_MASFAX          0x00310000
#define WNNC_NET_HOB_NFS         0x00320000
#define WNNC_NET_SHIVA           0x00330000
#define WNNC_NET_IBMAL           0x00340000
#define WNNC_NET_LOCK            0x00350000
#define WNNC_NET_TERMSRV         0x00360000
#define WNNC_NET_SRT             0x00370000
#define WNNC_NET_QUINCY          0x00380000
#define WNNC_NET_OPENAFS         0x00390000
#define WNNC_NET_AVID1           0x003A0000
#define WNNC_NET_DFS             0x003B0000
#define WNNC_NET_KWNP            0x003C0000
#define WNNC_NET_ZENWORKS        0x003D0000
#define WNNC_NET_DRIVEONWEB      0x003E0000
#define WNNC_NET_VMWARE          0x003F0000
#define WNNC_NET_RSFX            0x00400000
#define WNNC_NET_MFILES          0x00410000
#define WNNC_NET_MS_NFS          0x00420000
#define WNNC_NET_GOOGLE          0x00430000
#define WNNC_NET_NDFS            0x00440000
#define WNNC_CRED_MANAGER        0xFFFF0000

#endif
